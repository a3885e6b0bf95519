/** That what is on the page is a draft: whose, and the ways on. */

import { Button, Group } from "@mantine/core";
import { api, ask } from "@/api/client";
import { showDone, showFailure } from "@/parts/toast";
import { useMay, useMe, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import type { Kind, Saving, Told } from "./saving";
import styles from "./segments.module.css";
import { words } from "./words";

export function DraftNote({ kind, id, told, saving }: { kind: Kind; id: string; told: Told; saving: Saving }) {
  const say = useWords(words);
  const project = useProject();
  const me = useMe();
  const format = useFormats(project.time_zone);
  const may = useMay("edit");
  const { draft } = told;
  if (!draft) return null;
  const submitted = draft.state === "submitted";
  const drop = async () => {
    try {
      await ask(
        api.DELETE("/api/projects/{project}/drafts/{kind}/{id}", { params: { path: { project: project.id, kind, id } } }),
      );
      await saving.refreshed();
    } catch (error) {
      showFailure(error);
    }
  };
  const approve = async () => {
    try {
      await ask(
        api.POST("/api/projects/{project}/approve", {
          params: { path: { project: project.id } },
          body: { drafts: [{ kind, id, revision: draft.revision }], comment: "" },
        }),
      );
      await saving.refreshed();
      showDone(say.approved);
    } catch (error) {
      showFailure(error);
    }
  };
  return (
    <div className={styles.note}>
      <span>{submitted ? say.draftSubmitted : say.draftLoaded(draft.author_name, format.ago(draft.updated_at))}</span>
      {may && (
        <Group gap="xs">
          {told.document !== null && (
            <Button size="compact-sm" variant="subtle" onClick={() => void drop()}>
              {say.draftDrop}
            </Button>
          )}
          {submitted && draft.submitted_by !== me.id && (
            <Button size="compact-sm" onClick={() => void approve()}>
              {say.approve}
            </Button>
          )}
        </Group>
      )}
    </div>
  );
}
