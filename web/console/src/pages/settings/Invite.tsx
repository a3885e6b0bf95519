/** An invitation: what somebody will be allowed, and then the link to hand over. */

import { Button, Checkbox, CopyButton, Radio, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api, ask } from "@/api/client";
import { Section } from "@/parts/Page";
import { showFailure } from "@/parts/toast";
import { useMe, useProject } from "@/shell/session";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { EXTRAS, type Extra, ROLES, type Role } from "./rights";
import styles from "./settings.module.css";
import { words } from "./words";

export function Invite({ onClose }: { onClose: () => void }) {
  const say = useWords(words).members;
  const { cancel, close, copy: copyWord, copied: copiedWord } = useWords(shared);
  const me = useMe();
  const project = useProject();
  const client = useQueryClient();
  const [mail, setMail] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const [extra, setExtra] = useState<Extra[]>([]);
  const [everywhere, setEverywhere] = useState(false);
  const invite = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/projects/{project}/invitations", {
          params: { path: { project: project.id } },
          body: { mail, role, extra, everywhere },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["invitations", project.id] }),
    onError: (error) => isMail(error) || showFailure(error),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  if (invite.data) {
    return (
      <Section title={say.ready}>
        <div className={styles.shown} role="status">
          <p>{say.readyLead}</p>
          <code className={styles.key}>{invite.data.url}</code>
        </div>
        <div className={styles.buttons}>
          <CopyButton value={invite.data.url ?? ""}>
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
    <Section title={say.inviteTitle}>
      <form onSubmit={submit} className={styles.form}>
        <TextInput
          label={say.mail}
          description={say.mailHint}
          type="email"
          value={mail}
          autoFocus
          error={isMail(invite.error) && say.wrongMail}
          onChange={(event) => setMail(event.currentTarget.value)}
        />
        <Radio.Group label={say.role} value={role} onChange={(to) => setRole(to as Role)}>
          {ROLES.map((one) => (
            <Radio key={one} value={one} label={say.roles[one]} description={say.rolesMean[one]} mt={8} />
          ))}
        </Radio.Group>
        <Checkbox.Group label={say.beside} value={extra} onChange={(to) => setExtra(to as Extra[])}>
          {EXTRAS.filter((one) => (project.rights as readonly string[]).includes(one)).map((one) => (
            <Checkbox key={one} value={one} label={say.extras[one]} description={say.extrasMean[one]} mt={8} />
          ))}
        </Checkbox.Group>
        {me.everywhere.includes("admin") && (
          <Checkbox
            label={say.everywhere}
            description={say.everywhereHint}
            checked={everywhere}
            onChange={(event) => setEverywhere(event.currentTarget.checked)}
          />
        )}
        <div className={styles.buttons}>
          <Button type="submit" loading={invite.isPending}>
            {say.makeLink}
          </Button>
          <Button variant="subtle" onClick={onClose}>
            {cancel}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function isMail(error: unknown): boolean {
  return error instanceof ApiError && error.where === "mail";
}
