/** The entrance: a curtain, and under it one thing to do. */

import { Anchor } from "@mantine/core";
import { type ReactNode, useContext, useEffect } from "react";
import { words as shared } from "@/words/shared";
import { LanguageContext, useWords } from "@/words/words";
import styles from "./Door.module.css";
import { words } from "./words";

/** The command that prints a way in. */
export const LINK = "omotenashi staff link";

export function Door({ title, lead, children }: { title: string; lead?: string; children?: ReactNode }) {
  const say = useWords(words);
  const { product } = useWords(shared);
  const { language, change } = useContext(LanguageContext);
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title, product]);
  const other = language === "ja" ? "en" : "ja";
  return (
    <div className={styles.door}>
      <div className={styles.noren} role="img" aria-label={product}>
        {["a", "b", "c", "d", "e"].map((cloth) => (
          <div key={cloth} className={styles.cloth} />
        ))}
        <svg className={styles.mark} viewBox="0 0 32 32" aria-hidden="true">
          <path d="M16 6.5c-5.3 0-9.5 4.2-9.5 9.4 0 5.3 4.2 9.6 9.5 9.6 4.6 0 8.3-3.3 9.2-7.6" />
          <circle cx="21.6" cy="10.6" r="2.7" />
        </svg>
      </div>
      <main className={styles.inner} aria-label={say.theDoor}>
        <h1>{title}</h1>
        {lead && <p className={styles.lead}>{lead}</p>}
        {children}
      </main>
      <footer className={styles.foot}>
        <Anchor component="button" type="button" size="sm" lang={other} onClick={() => change(other)}>
          {say.language}
        </Anchor>
      </footer>
    </div>
  );
}

/** What went wrong, above the fields. */
export function Told({ children }: { children: ReactNode }) {
  return (
    <p className={styles.told} role="alert">
      {children}
    </p>
  );
}

export function Command({ children }: { children: ReactNode }) {
  return <code className={styles.command}>{children}</code>;
}
