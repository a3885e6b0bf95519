/** Taking up an invitation, with a new account or the one that is there. */

import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { SkeletonRows } from "@/parts/states";
import { useLanguage, useWords } from "@/words/words";
import { AccountFields } from "./AccountFields";
import { linkSecret, useArrive, useAttempt } from "./arriving";
import { Door, Told } from "./Door";
import styles from "./Door.module.css";
import { words } from "./words";

export default function Invitation() {
  const say = useWords(words);
  const [link] = useState(linkSecret);
  const looked = useQuery({
    queryKey: ["invitation", link],
    queryFn: () => ask(api.POST("/api/invitation/look", { body: { link } })),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (looked.error) return <Door title={say.invitation.over} lead={say.invitation.overLead} />;
  if (!looked.data) {
    return (
      <Door title={say.invitation.titleEverywhere}>
        <SkeletonRows rows={4} height={36} />
      </Door>
    );
  }
  return <Invited link={link} to={looked.data} />;
}

function Invited({ link, to }: { link: string; to: Schemas["Invited"] }) {
  const say = useWords(words);
  const language = useLanguage();
  const arrive = useArrive();
  const attempt = useAttempt();
  const [value, setValue] = useState({ mail: to.mail, name: "", password: "" });
  const [code, setCode] = useState("");
  const wantsCode = attempt.code === "code_needed" || attempt.code === "code_refused";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(async () => {
      await arrive(await ask(api.POST("/api/invitation", { body: { link, ...value, code, language } })));
    });
  };
  const title = to.project_name ? say.invitation.title(to.project_name) : say.invitation.titleEverywhere;
  return (
    <Door title={title} lead={say.invitation.lead(say.roles[to.role])}>
      <form onSubmit={submit} className={styles.fields}>
        {attempt.wrong[""] && <Told>{attempt.wrong[""]}</Told>}
        {to.known && <p>{say.invitation.known}</p>}
        <AccountFields value={value} onChange={setValue} wrong={attempt.wrong} fixed={to.mail !== ""} known={to.known} />
        {wantsCode && (
          <TextInput
            label={say.code}
            description={say.codeHint}
            autoComplete="one-time-code"
            value={code}
            error={attempt.wrong.code}
            onChange={(event) => setCode(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <Button type="submit" color="vermilion" loading={attempt.busy} fullWidth>
          {say.invitation.submit}
        </Button>
      </form>
      {!to.known && (
        <div className={styles.below}>
          <p>{say.invitation.have}</p>
        </div>
      )}
    </Door>
  );
}
