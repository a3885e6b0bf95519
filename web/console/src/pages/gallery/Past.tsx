/** A template as it was: what changed in which version, line by line, and the way back. */

import { Button } from "@mantine/core";
import { IconHistory, IconRestore } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { Mark } from "@/parts/Mark";
import { EmptyState, Failure, Loaded, SkeletonRows } from "@/parts/states";
import { showDone, showFailure } from "@/parts/toast";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import type { Drafting } from "../campaigns/useDraft";
import { PARTS, type Part } from "./completion";
import { differing } from "./lines";
import styles from "./Templates.module.css";
import { words } from "./words";

type Version = Schemas["Version"];
type Files = Partial<Record<Part, string>>;

export function Past({ id, drafting, may }: { id: string; drafting: Drafting<Files>; may: boolean }) {
  const say = useWords(words).code;
  const project = useProject();
  const params = { path: { project: project.id, kind: "templates" as const, id } };
  const history = useQuery({
    queryKey: ["document", project.id, "templates", id, "history", drafting.told?.version],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/documents/{kind}/{id}/history", { params, signal })),
  });
  const restore = async (version: number) => {
    try {
      const before = await drafting.flush();
      await ask(
        api.POST("/api/projects/{project}/documents/{kind}/{id}/restore", {
          params,
          body: { version, revision: before?.revision ?? 0 },
        }),
      );
      await drafting.renew();
      showDone(say.restored(version));
    } catch (error) {
      if (!drafting.contest(error)) showFailure(error);
    }
  };
  return (
    <Loaded query={history}>
      {(versions) =>
        versions.length === 0 ? (
          <EmptyState icon={<IconHistory size={32} stroke={1.3} />} title={say.neverPublished} />
        ) : (
          <ol className={styles.past}>
            {versions.map((version, index) => (
              <li key={version.version}>
                <One
                  id={id}
                  version={version}
                  before={versions[index + 1]?.version}
                  restore={may && index > 0 && version.what !== "remove" ? () => void restore(version.version) : undefined}
                />
              </li>
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}

interface OneProps {
  id: string;
  version: Version;
  /** The version before in which it changed; undefined for the first. */
  before: number | undefined;
  restore: (() => void) | undefined;
}

function One({ id, version, before, restore }: OneProps) {
  const say = useWords(words).code;
  const project = useProject();
  const format = useFormats(project.time_zone);
  const [opened, setOpened] = useState(false);
  return (
    <>
      <p className={styles.pastHead}>
        <b>{say.version(format.number(version.version))}</b>
        <Mark>{say.what[version.what]}</Mark>
        <span>{version.author || say.commandLine}</span>
        <time dateTime={new Date(version.applied_at).toISOString()}>{format.dateTime(version.applied_at)}</time>
      </p>
      {version.comment && <p className={styles.quiet}>{version.comment}</p>}
      <div className={styles.ways}>
        {before !== undefined && version.what === "change" && (
          <Button size="xs" variant="subtle" aria-expanded={opened} onClick={() => setOpened(!opened)}>
            {opened ? say.hideChanges : say.showChanges}
          </Button>
        )}
        {restore && (
          <Button size="xs" variant="default" leftSection={<IconRestore size={14} stroke={1.7} />} onClick={restore}>
            {say.restore}
          </Button>
        )}
      </div>
      {opened && before !== undefined && <Changes id={id} from={before} to={version.version} />}
    </>
  );
}

function Changes({ id, from, to }: { id: string; from: number; to: number }) {
  const say = useWords(words).code;
  const project = useProject();
  const query = useQuery({
    queryKey: ["document", project.id, "templates", id, "diff", from, to],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/documents/{kind}/{id}/diff", {
          params: { path: { project: project.id, kind: "templates", id }, query: { from, to } },
          signal,
        }),
      ),
  });
  if (!query.data) return query.error ? <Failure error={query.error} /> : <SkeletonRows rows={3} />;
  const [before, after] = [JSON.parse(query.data.before) as Files, JSON.parse(query.data.after) as Files];
  return (
    <>
      {PARTS.map((part) => {
        const change = differing(before[part] ?? "", after[part] ?? "");
        if (!change) return null;
        return (
          <figure key={part} className={styles.change}>
            <figcaption>
              {say.part[part]} · {say.line(change.line)}
            </figcaption>
            {change.before.length > 0 && (
              <pre>
                <del>{change.before.join("\n")}</del>
              </pre>
            )}
            {change.after.length > 0 && (
              <pre>
                <ins>{change.after.join("\n")}</ins>
              </pre>
            )}
          </figure>
        );
      })}
    </>
  );
}
