/** The frame of all settings: what they are about, side by side. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Page } from "@/parts/Page";
import { useMay, useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import styles from "./settings.module.css";
import { words } from "./words";

const TABS = ["site", "rules", "purposes", "recording", "theme", "keys", "members", "tokens", "retention", "audit"] as const;
const FOR_ADMINS: readonly string[] = ["keys", "members", "tokens", "audit"];

export function SettingsPage({
  at,
  lead,
  actions,
  wide,
  children,
}: {
  at: (typeof TABS)[number];
  lead?: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}) {
  const say = useWords(words);
  const project = useProject();
  const admin = useMay("admin");
  return (
    <Page title={`${say.settings}: ${say.tabs[at]}`} lead={lead} actions={actions} wide={wide}>
      <nav className={styles.tabs} aria-label={say.settings}>
        {TABS.filter((tab) => admin || !FOR_ADMINS.includes(tab)).map((tab) => (
          <Link
            key={tab}
            to={`/p/${project.id}/settings/${tab}`}
            className={styles.tab}
            activeProps={{ "data-here": true, "aria-current": "page" }}
          >
            {say.tabs[tab]}
          </Link>
        ))}
      </nav>
      {children}
    </Page>
  );
}
