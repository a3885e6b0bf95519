/** Keys for programs: what each may do, until when, and a new one that is shown once. */

import { Button, Checkbox, CopyButton, Select, TextInput } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { Section } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { showDone, showFailure } from "@/parts/toast";
import { useMe, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { RIGHTS, type Right } from "./rights";
import { SettingsPage } from "./SettingsPage";
import styles from "./settings.module.css";
import { words } from "./words";

const LIVES = ["7", "30", "90", "365", "0"] as const;

export default function Tokens() {
  const say = useWords(words).tokens;
  const project = useProject();
  const [making, setMaking] = useState(false);
  const query = useQuery({
    queryKey: ["tokens", project.id],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/tokens", { params: { path: { project: project.id } }, signal })),
  });
  const begin = (
    <Button color="vermilion" leftSection={<IconKey size={16} stroke={1.8} aria-hidden />} onClick={() => setMaking(true)}>
      {say.make}
    </Button>
  );
  return (
    <SettingsPage at="tokens" lead={say.lead} actions={query.data?.length ? begin : undefined}>
      {making && <Making onClose={() => setMaking(false)} />}
      <Loaded query={query}>
        {(tokens) =>
          tokens.length ? (
            <ul className={styles.rows}>
              {tokens.map((token) => (
                <One key={token.id} token={token} />
              ))}
            </ul>
          ) : (
            !making && (
              <EmptyState icon={<IconKey size={28} stroke={1.4} />} title={say.empty} action={begin}>
                {say.emptyLead}
              </EmptyState>
            )
          )
        }
      </Loaded>
    </SettingsPage>
  );
}

function One({ token }: { token: Schemas["TokenListed"] }) {
  const say = useWords(words).tokens;
  const rights = useWords(words).rights;
  const formats = useFormats();
  const project = useProject();
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () =>
      ask(api.DELETE("/api/projects/{project}/tokens/{token}", { params: { path: { project: project.id, token: token.id } } })),
    onSuccess: async () => {
      showDone(say.ended(token.name));
      await client.invalidateQueries({ queryKey: ["tokens", project.id] });
    },
    onError: showFailure,
  });
  const over = token.expires_at !== 0 && token.expires_at < Date.now();
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <b>{token.name}</b>
        <p>
          {token.scopes.map((scope) => rights[scope]).join(" + ")}
          {token.everywhere && ` · ${say.everywhere}`}
        </p>
        <p>
          {say.madeBy(token.made_by, formats.date(token.made_at))} ·{" "}
          {token.seen_at ? say.seen(formats.ago(token.seen_at)) : say.unseen} ·{" "}
          {token.expires_at ? (over ? say.over : say.until(formats.date(token.expires_at))) : say.forever}
        </p>
      </div>
      <Button size="xs" variant="default" loading={end.isPending} onClick={() => end.mutate()}>
        {over ? say.clear : say.end}
      </Button>
    </li>
  );
}

function Making({ onClose }: { onClose: () => void }) {
  const say = useWords(words).tokens;
  const rights = useWords(words).rights;
  const { cancel, close, copy: copyWord, copied: copiedWord } = useWords(shared);
  const me = useMe();
  const project = useProject();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Right[]>(["read"]);
  const [days, setDays] = useState<string>("90");
  const [everywhere, setEverywhere] = useState(false);
  const make = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/projects/{project}/tokens", {
          params: { path: { project: project.id } },
          body: { name, scopes, days: Number(days), everywhere },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tokens", project.id] }),
    onError: showFailure,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  if (make.data) {
    return (
      <Section title={say.ready}>
        <div className={styles.shown} role="status">
          <p>{say.readyLead}</p>
          <code className={styles.key}>{make.data.key}</code>
        </div>
        <pre
          className={styles.code}
        >{`curl -H "Authorization: Bearer ${make.data.key}" ${location.origin}/api/projects/${project.id}/switches`}</pre>
        <div className={styles.buttons}>
          <CopyButton value={make.data.key}>
            {({ copied, copy }) => <Button onClick={copy}>{copied ? copiedWord : copyWord}</Button>}
          </CopyButton>
          <Button variant="subtle" onClick={onClose}>
            {close}
          </Button>
        </div>
      </Section>
    );
  }
  return (
    <Section title={say.makeTitle}>
      <form onSubmit={submit} className={styles.form}>
        <TextInput
          label={say.name}
          description={say.nameHint}
          required
          autoFocus
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group label={say.may} value={scopes} onChange={(to) => setScopes(to as Right[])}>
          {RIGHTS.filter((one) => (project.rights as readonly string[]).includes(one)).map((one) => (
            <Checkbox key={one} value={one} label={rights[one]} mt={8} />
          ))}
        </Checkbox.Group>
        <Select
          label={say.life}
          allowDeselect={false}
          data={LIVES.map((life) => ({ value: life, label: life === "0" ? say.noEnd : say.lives(Number(life)) }))}
          value={days}
          onChange={(to) => to && setDays(to)}
        />
        {me.everywhere.includes("admin") && (
          <Checkbox
            label={say.everywhere}
            checked={everywhere}
            onChange={(event) => setEverywhere(event.currentTarget.checked)}
          />
        )}
        <div className={styles.buttons}>
          <Button type="submit" disabled={!scopes.length} loading={make.isPending}>
            {say.make}
          </Button>
          <Button variant="subtle" onClick={onClose}>
            {cancel}
          </Button>
        </div>
      </form>
    </Section>
  );
}
