/** The keys of the project: what each is for, and a new one in place of one that leaked. */

import { Button, CopyButton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api, ask } from "@/api/client";
import { Loaded } from "@/parts/states";
import { showDone, showFailure } from "@/parts/toast";
import { useProject } from "@/shell/session";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { SettingsPage } from "./SettingsPage";
import styles from "./settings.module.css";
import { words } from "./words";

const KINDS = ["public", "staging", "secret", "identity"] as const;
type Kind = (typeof KINDS)[number];

export default function Keys() {
  const say = useWords(words).keys;
  const project = useProject();
  const query = useQuery({
    queryKey: ["keys", project.id],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/keys", { params: { path: { project: project.id } }, signal })),
  });
  return (
    <SettingsPage at="keys" lead={say.lead}>
      <Loaded query={query}>
        {(keys) => (
          <ul className={styles.rows}>
            {KINDS.map((kind) => (
              <Key key={kind} kind={kind} value={keys.find((one) => one.kind === kind)?.key ?? ""} />
            ))}
          </ul>
        )}
      </Loaded>
    </SettingsPage>
  );
}

function Key({ kind, value }: { kind: Kind; value: string }) {
  const say = useWords(words).keys;
  const { copy: copyWord, copied: copiedWord, cancel } = useWords(shared);
  const project = useProject();
  const client = useQueryClient();
  const [seen, setSeen] = useState(kind === "public" || kind === "staging");
  const [sure, setSure] = useState(false);
  const rotate = useMutation({
    mutationFn: () =>
      ask(api.POST("/api/projects/{project}/keys/{kind}/rotate", { params: { path: { project: project.id, kind } } })),
    onSuccess: async () => {
      setSure(false);
      showDone(say.rotated);
      await Promise.all([["keys"], ["connection"], ["document"]].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: (error) => (error instanceof ApiError && error.where === "kind" ? undefined : showFailure(error)),
  });
  const named = rotate.error instanceof ApiError && rotate.error.where === "kind";
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <b>{say.kinds[kind]}</b>
        <p>{say.uses[kind]}</p>
        <code className={styles.key}>{seen ? value : "•".repeat(24)}</code>
      </div>
      <div className={styles.buttons}>
        {!seen && (
          <Button variant="default" size="xs" onClick={() => setSeen(true)}>
            {say.show}
          </Button>
        )}
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button variant="default" size="xs" onClick={copy}>
              {copied ? copiedWord : copyWord}
            </Button>
          )}
        </CopyButton>
        <Button variant="subtle" size="xs" onClick={() => setSure(true)}>
          {say.rotate}
        </Button>
      </div>
      {sure && (
        <div className={styles.sure}>
          <span>{named ? say.named : say.consequences[kind]}</span>
          {!named && (
            <Button size="xs" color="vermilion" loading={rotate.isPending} onClick={() => rotate.mutate()}>
              {say.rotateNow}
            </Button>
          )}
          <Button size="xs" variant="subtle" onClick={() => setSure(false)}>
            {cancel}
          </Button>
        </div>
      )}
    </li>
  );
}
