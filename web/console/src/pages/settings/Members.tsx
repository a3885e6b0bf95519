/** Who works on the project, what they may do, and who is invited. */

import { Button, Checkbox, Select } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api, ask, type Schemas } from "@/api/client";
import { Mark } from "@/parts/Mark";
import { Section } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { showDone, showFailure, showUndo } from "@/parts/toast";
import { useMe, useProject, useRefreshMe } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { Invite } from "./Invite";
import { EXTRAS, type Extra, ROLES, type Role } from "./rights";
import { SettingsPage } from "./SettingsPage";
import styles from "./settings.module.css";
import { words } from "./words";

type Member = Schemas["Member"];

export default function Members() {
  const say = useWords(words).members;
  const project = useProject();
  const [inviting, setInviting] = useState(false);
  const members = useQuery({
    queryKey: ["members", project.id],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/members", { params: { path: { project: project.id } }, signal })),
  });
  return (
    <SettingsPage
      at="members"
      lead={say.lead}
      actions={
        <Button
          color="vermilion"
          leftSection={<IconUserPlus size={16} stroke={1.8} aria-hidden />}
          onClick={() => setInviting(true)}
        >
          {say.invite}
        </Button>
      }
    >
      {inviting && <Invite onClose={() => setInviting(false)} />}
      <Loaded query={members}>
        {(found) => (
          <ul className={styles.rows}>
            {found.map((member) => (
              <One key={member.id} member={member} />
            ))}
          </ul>
        )}
      </Loaded>
      <Invitations />
      <Section title={say.meaning}>
        <table className={styles.kept}>
          <tbody>
            {ROLES.map((role) => (
              <tr key={role}>
                <td>{say.roles[role]}</td>
                <td>{say.rolesMean[role]}</td>
              </tr>
            ))}
            {EXTRAS.map((extra) => (
              <tr key={extra}>
                <td>{say.extras[extra]}</td>
                <td>{say.extrasMean[extra]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
    </SettingsPage>
  );
}

function One({ member }: { member: Member }) {
  const say = useWords(words).members;
  const { remove: removeWord, cancel } = useWords(shared);
  const formats = useFormats();
  const me = useMe();
  const project = useProject();
  const client = useQueryClient();
  const refresh = useRefreshMe();
  const [sure, setSure] = useState(false);
  const again = () => Promise.all([client.invalidateQueries({ queryKey: ["members", project.id] }), refresh()]);
  const path = { project: project.id, member: member.id };
  const put = async (role: Role, extra: readonly Extra[]) => {
    const body = { role, extra: [...extra], everywhere: member.everywhere };
    await ask(api.PUT("/api/projects/{project}/members/{member}", { params: { path }, body }));
    await again();
  };
  const refused = (error: unknown) => {
    if (error instanceof ApiError && error.status === 400 && error.where === "role") showDone(say.lastAdmin);
    else showFailure(error);
  };
  const allow = useMutation({
    mutationFn: ({ role, extra }: { role: Role; extra: readonly Extra[] }) => put(role, extra),
    onSuccess: () => showUndo(say.changed(member.name), () => put(member.role, member.extra)),
    onError: refused,
  });
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE("/api/projects/{project}/members/{member}", { params: { path } })),
    onSuccess: async () => {
      showDone(say.removed(member.name));
      await again();
    },
    onError: refused,
  });
  const may = (right: Extra) => me.everywhere.includes(right) || (project.rights as readonly string[]).includes(right);
  const fixed = member.everywhere && !me.everywhere.includes("admin");
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <b>{member.name}</b> {member.self && <Mark tone="primary">{say.you}</Mark>}
        <p>{member.mail}</p>
        <p>
          {say.seen(formats.ago(member.seen_at))} · {member.two_factor ? say.twoFactor : say.noTwoFactor}
          {member.everywhere && ` · ${say.everywhere}`}
        </p>
      </div>
      <div className={styles.marks}>
        {EXTRAS.map((extra) => (
          <Checkbox
            key={extra}
            size="xs"
            label={say.extras[extra]}
            checked={member.extra.includes(extra)}
            disabled={fixed || !may(extra)}
            onChange={(event) =>
              allow.mutate({
                role: member.role,
                extra: EXTRAS.filter((one) => (one === extra ? event.currentTarget.checked : member.extra.includes(one))),
              })
            }
          />
        ))}
      </div>
      <Select
        size="xs"
        w={140}
        aria-label={say.roleOf(member.name)}
        allowDeselect={false}
        disabled={fixed}
        data={ROLES.map((role) => ({ value: role, label: say.roles[role] }))}
        value={member.role}
        onChange={(role) => role && allow.mutate({ role: role as Role, extra: member.extra })}
      />
      <Button size="xs" variant="subtle" color="vermilion" disabled={fixed} onClick={() => setSure(true)}>
        {removeWord}
      </Button>
      {sure && (
        <div className={styles.sure}>
          <span>{say.sure(member.name)}</span>
          <Button size="xs" color="vermilion" loading={remove.isPending} onClick={() => remove.mutate()}>
            {removeWord}
          </Button>
          <Button size="xs" variant="subtle" onClick={() => setSure(false)}>
            {cancel}
          </Button>
        </div>
      )}
    </li>
  );
}

function Invitations() {
  const say = useWords(words).members;
  const formats = useFormats();
  const project = useProject();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ["invitations", project.id],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/invitations", { params: { path: { project: project.id } }, signal })),
  });
  const takeBack = useMutation({
    mutationFn: (invitation: string) =>
      ask(
        api.DELETE("/api/projects/{project}/invitations/{invitation}", { params: { path: { project: project.id, invitation } } }),
      ),
    onSuccess: async () => {
      showDone(say.tookBack);
      await client.invalidateQueries({ queryKey: ["invitations", project.id] });
    },
    onError: showFailure,
  });
  if (!query.data?.length) return null;
  return (
    <Section title={say.invited}>
      <ul className={styles.rows}>
        {query.data.map((one) => (
          <li key={one.id} className={styles.row}>
            <div className={styles.who}>
              <b>{one.mail || say.anybody}</b>
              <p>
                {[say.roles[one.role], ...one.extra.map((extra) => say.extras[extra])].join(" + ")}
                {one.everywhere && ` · ${say.everywhere}`} · {say.until(formats.dateTime(one.expires_at))}
              </p>
            </div>
            <Button size="xs" variant="default" onClick={() => takeBack.mutate(one.id)}>
              {say.takeBack}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
