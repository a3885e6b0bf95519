/** The campaign's file: the same draft as in the forms, as text. */

import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { api, ask } from "@/api/client";
import { Section } from "@/parts/Page";
import { ProblemList } from "@/parts/ProblemList";
import { SkeletonBlock } from "@/parts/states";
import { showFailure } from "@/parts/toast";
import { UnsavedGuard } from "@/parts/unsaved";
import { useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import type { StepProps } from "./Campaign";
import styles from "./campaigns.module.css";
import { words } from "./words";

const CodeEditor = lazy(() => import("@/parts/CodeEditor"));

export default function CodeStep({ id, drafting, problems, may }: StepProps) {
  const say = useWords(words).code;
  const project = useProject();
  const { told, draft } = drafting;
  const kept = draft?.text ?? told?.text ?? "";
  const [text, setText] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const dirty = text !== null && text !== kept;
  const apply = async () => {
    if (text === null) return;
    setBusy(true);
    try {
      const before = await drafting.flush();
      await ask(
        api.PUT("/api/projects/{project}/drafts/{kind}/{id}", {
          params: { path: { project: project.id, kind: "campaigns", id } },
          body: { text, revision: before?.revision ?? 0, base_version: before?.base_version ?? told?.version ?? 0 },
        }),
      );
      await drafting.renew();
      setText(null);
    } catch (error) {
      if (!drafting.contest(error)) showFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title={say.title} aside={say.lead}>
      <UnsavedGuard dirty={dirty} />
      {draft && draft.document === null && <p className={styles.hint}>{say.invalid}</p>}
      <Suspense fallback={<SkeletonBlock height={420} />}>
        <CodeEditor language="yaml" label={say.label} value={text ?? kept} onChange={setText} readOnly={!may} />
      </Suspense>
      {may && (
        <div className={styles.ways}>
          <span />
          <Button disabled={!dirty} loading={busy} onClick={() => void apply()}>
            {say.apply}
          </Button>
        </div>
      )}
      <ProblemList problems={problems} />
    </Section>
  );
}
