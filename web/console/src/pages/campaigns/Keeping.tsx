/** Whether what is written is kept, said beside its title. */

import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCloudCheck, IconCloudOff, IconCloudUp } from "@tabler/icons-react";
import { useWords } from "@/words/words";
import styles from "./campaigns.module.css";
import type { Drafting } from "./useDraft";
import { words } from "./words";

const ICONS = {
  kept: IconCloudCheck,
  keeping: IconCloudUp,
  waiting: IconCloudUp,
  failed: IconCloudOff,
  disputed: IconAlertTriangle,
  untouched: IconCheck,
} as const;

export function Keeping({ drafting }: { drafting: Pick<Drafting<unknown>, "state" | "draft" | "flush"> }) {
  const say = useWords(words);
  const state = drafting.state === "kept" && !drafting.draft ? "untouched" : drafting.state;
  const Icon = ICONS[state];
  return (
    <span className={styles.keeping} data-state={state} role="status">
      <Icon size={15} stroke={1.7} aria-hidden />
      {say.keeping[state]}
      {(state === "failed" || state === "disputed") && (
        <Button size="compact-xs" variant="default" onClick={() => void drafting.flush()}>
          {say.again}
        </Button>
      )}
    </span>
  );
}
