/** What was published before: when, by whom, what changed; and the way back to it. */

import { Button } from "@mantine/core";
import { IconHistory, IconRestore } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { Mark } from "@/parts/Mark";
import { Section } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { showFailure, showUndo } from "@/parts/toast";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import type { StepProps } from "./Campaign";
import styles from "./campaigns.module.css";
import { Edits } from "./Edits";
import { words } from "./words";

type Version = Schemas["Version"];

export default function VersionsStep({ id, drafting, may, go }: StepProps) {
  const say = useWords(words);
  const project = useProject();
  const format = useFormats(project.time_zone);
  const params = { path: { project: project.id, kind: "campaigns" as const, id } };
  const published = drafting.told?.document !== null && drafting.told !== undefined;
  const history = useQuery({
    queryKey: ["document", project.id, "campaigns", id, "history", drafting.told?.version],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/documents/{kind}/{id}/history", { params, signal })),
  });
  const against = useQuery({
    queryKey: ["document", project.id, "campaigns", id, "diff", drafting.told?.version, drafting.draft?.revision],
    enabled: drafting.draft !== null && published,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/documents/{kind}/{id}/diff", {
          params: { ...params, query: { from: drafting.told?.version ?? 0, to: 0 } },
          signal,
        }),
      ),
  });
  const restore = async (version: number) => {
    try {
      const before = await drafting.flush();
      const text = before?.text;
      await ask(
        api.POST("/api/projects/{project}/documents/{kind}/{id}/restore", {
          params,
          body: { version, revision: before?.revision ?? 0 },
        }),
      );
      await drafting.renew();
      showUndo(say.did.restored(String(version)), async () => {
        const revision = (await drafting.flush())?.revision ?? 0;
        if (text === undefined) await ask(api.DELETE("/api/projects/{project}/drafts/{kind}/{id}", { params }));
        else await ask(api.PUT("/api/projects/{project}/drafts/{kind}/{id}", { params, body: { revision, text } }));
        await drafting.renew();
      });
      go("publish");
    } catch (error) {
      if (!drafting.contest(error)) showFailure(error);
    }
  };
  return (
    <Section title={say.history.title} aside={say.history.lead}>
      {drafting.draft && published && against.data && against.data.edits.length > 0 && (
        <div className={styles.version} data-draft>
          <div className={styles.versionHead}>
            <Mark tone="primary">{say.history.draft}</Mark>
            <span>{drafting.draft.author_name}</span>
            <span className={styles.when}>{format.ago(drafting.draft.updated_at)}</span>
          </div>
          <Edits edits={against.data.edits} />
        </div>
      )}
      <Loaded query={history}>
        {(versions) =>
          versions.length === 0 ? (
            <EmptyState icon={<IconHistory size={32} stroke={1.3} />} title={say.history.none} />
          ) : (
            <ol className={styles.history}>
              {versions.map((version, index) => (
                <li key={version.version} className={styles.version}>
                  <Head version={version} current={index === 0 && version.what !== "remove"} />
                  {version.comment && <p className={styles.comment}>{version.comment}</p>}
                  <Edits edits={version.edits} />
                  {may && index > 0 && version.what !== "remove" && (
                    <Button
                      variant="default"
                      size="xs"
                      leftSection={<IconRestore size={14} stroke={1.7} />}
                      onClick={() => void restore(version.version)}
                    >
                      {say.history.restore}
                    </Button>
                  )}
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Section>
  );
}

function Head({ version, current }: { version: Version; current: boolean }) {
  const say = useWords(words).history;
  const project = useProject();
  const format = useFormats(project.time_zone);
  return (
    <div className={styles.versionHead}>
      <b>{say.version(format.number(version.version))}</b>
      {current && <Mark tone="shown">{say.current}</Mark>}
      <Mark>{say[version.what]}</Mark>
      <span>{version.author || say.commandLine}</span>
      <time className={styles.when} dateTime={new Date(version.applied_at).toISOString()}>
        {format.dateTime(version.applied_at)}
      </time>
    </div>
  );
}
