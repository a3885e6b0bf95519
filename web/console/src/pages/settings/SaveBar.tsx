/** Shown while something is different: what was wrong, and the one press that puts it in force. */

import { Button } from "@mantine/core";
import { ProblemList } from "@/parts/ProblemList";
import { UnsavedGuard } from "@/parts/unsaved";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import type { Saving } from "./document";
import styles from "./settings.module.css";

export function SaveBar({
  dirty,
  saving,
  onSave,
  onCancel,
}: {
  dirty: boolean;
  saving: Saving;
  onSave: () => void;
  onCancel: () => void;
}) {
  const say = useWords(shared);
  return (
    <>
      <UnsavedGuard dirty={dirty && !saving.busy} />
      <ProblemList problems={saving.problems} />
      {dirty && (
        <div className={styles.saveBar}>
          <Button color="vermilion" loading={saving.busy} onClick={onSave}>
            {say.save}
          </Button>
          <Button variant="subtle" onClick={onCancel}>
            {say.cancel}
          </Button>
        </div>
      )}
    </>
  );
}
