/** A page's frame: where one is, what it is called, the one thing to do here. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { words } from "@/words/shared";
import { useWords } from "@/words/words";
import styles from "./Page.module.css";

export interface Crumb {
  label: string;
  to: string;
}

interface Props {
  title: string;
  /** What is said under the title: one sentence, or figures. */
  lead?: ReactNode;
  crumbs?: readonly Crumb[];
  actions?: ReactNode;
  /** Beside the title: a status, a mark. */
  mark?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, lead, crumbs = [], actions, mark, wide, children }: Props) {
  const { product } = useWords(words);
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title, product]);
  return (
    <div className={styles.page} data-wide={wide || undefined}>
      <header className={styles.head}>
        <div className={styles.titles}>
          {crumbs.length > 0 && (
            <nav className={styles.crumbs}>
              {crumbs.map((crumb) => (
                <Anchor component={Link} key={crumb.to} to={crumb.to} size="sm">
                  {crumb.label}
                </Anchor>
              ))}
            </nav>
          )}
          <div className={styles.name}>
            <h1>{title}</h1>
            {mark}
          </div>
          {lead && <div className={styles.lead}>{lead}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a page with a heading and a hairline. */
export function Section({ title, aside, children, id }: { title: string; aside?: ReactNode; children: ReactNode; id?: string }) {
  return (
    <section className={styles.section} id={id}>
      <div className={styles.sectionHead}>
        <h2>{title}</h2>
        {aside && <div className={styles.aside}>{aside}</div>}
      </div>
      {children}
    </section>
  );
}
