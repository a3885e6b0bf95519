/** The menu at the side: the pages of a project, in groups. */

import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { words } from "@/words/shared";
import { useWords } from "@/words/words";
import { PAGES } from "./pages";
import styles from "./Shell.module.css";
import { type MyProject, useMe } from "./session";

const ProjectPicker = lazy(() => import("./ProjectPicker"));

export function Side({ project }: { project: MyProject | undefined }) {
  const me = useMe();
  const say = useWords(words);
  const groups = ["watch", "build", "data"] as const;
  return (
    <div className={styles.sideInner}>
      <Link to={project ? `/p/${project.id}` : "/"} className={styles.brand}>
        <img src="/icon.svg" alt="" width={24} height={24} />
        <span>{say.product}</span>
      </Link>
      {me.projects.length > 1 && (
        <Suspense fallback={<div className={styles.picker} />}>
          <ProjectPicker project={project} />
        </Suspense>
      )}
      {project && (
        <nav aria-label={say.nav.main} className={styles.nav}>
          {groups.map((group) => (
            <div key={group} className={styles.group}>
              <div className={styles.groupName}>{say.nav[group]}</div>
              {PAGES.filter(
                (page) => page.group === group && (!page.needs || (project.rights as readonly string[]).includes(page.needs)),
              ).map((page) => (
                <Link
                  key={page.key}
                  to={`/p/${project.id}${page.path && `/${page.path}`}`}
                  activeOptions={{ exact: page.path === "", includeSearch: false }}
                  className={styles.place}
                  activeProps={{ "data-here": true }}
                >
                  <page.icon size={18} stroke={1.6} aria-hidden />
                  <span>{say.nav[page.key]}</span>
                </Link>
              ))}
            </div>
          ))}
        </nav>
      )}
    </div>
  );
}
