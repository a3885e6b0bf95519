/** Signing in: by password and code, by a provider, by a link that works once. */

import { Anchor, Button, PasswordInput, TextInput } from "@mantine/core";
import { IconLogin2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { api, ask } from "@/api/client";
import { SkeletonRows } from "@/parts/states";
import { useWords } from "@/words/words";
import { linkSecret, useArrive, useAttempt } from "./arriving";
import { Command, Door, LINK, Told } from "./Door";
import styles from "./Door.module.css";
import { words } from "./words";

export default function SignIn() {
  const [link] = useState(linkSecret);
  return link ? <ByLink link={link} /> : <AtTheDoor />;
}

function ByLink({ link }: { link: string }) {
  const say = useWords(words);
  const arrive = useArrive();
  const { run, wrong } = useAttempt();
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    history.replaceState(history.state, "", location.pathname);
    void run(async () => arrive(await ask(api.POST("/api/session/link", { body: { link } }))));
  });
  if (!wrong[""]) {
    return (
      <Door title={say.signIn.byLink}>
        <SkeletonRows rows={2} />
      </Door>
    );
  }
  return (
    <Door title={say.setUp.over} lead={wrong[""]}>
      <div className={styles.below}>
        <p>{say.signIn.again}</p>
        <Command>{LINK}</Command>
      </div>
    </Door>
  );
}

function AtTheDoor() {
  const say = useWords(words);
  const ways = useQuery({ queryKey: ["session"], queryFn: ({ signal }) => ask(api.GET("/api/session", { signal })) });
  if (ways.data && !ways.data.set_up) {
    return (
      <Door title={say.signIn.notSetUp} lead={say.signIn.notSetUpLead}>
        <Command>{LINK}</Command>
      </Door>
    );
  }
  return <ByPassword openid={ways.data?.openid ?? ""} />;
}

function ByPassword({ openid }: { openid: string }) {
  const say = useWords(words);
  const { problem, next } = useSearch({ strict: false }) as { problem?: string; next?: string };
  const arrive = useArrive();
  const attempt = useAttempt();
  const [mail, setMail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [wantsCode, setWantsCode] = useState(false);
  useEffect(() => {
    if (attempt.code === "code_needed") setWantsCode(true);
  }, [attempt.code]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(async () => {
      await arrive(await ask(api.POST("/api/session", { body: { mail, password, code } })), next);
    });
  };
  const again = () => {
    setWantsCode(false);
    setCode("");
    setPassword("");
  };
  const told = attempt.wrong[""] || (problem && say.signIn.problems[problem as keyof typeof say.signIn.problems]);
  return (
    <Door title={wantsCode ? say.signIn.codeTitle : say.signIn.title} lead={wantsCode ? say.codeHint : say.signIn.lead}>
      {told && <Told>{told}</Told>}
      <form onSubmit={submit} className={styles.fields}>
        {wantsCode ? (
          <TextInput
            key="code"
            label={say.code}
            autoComplete="one-time-code"
            required
            autoFocus
            value={code}
            error={attempt.wrong.code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        ) : (
          <>
            <TextInput
              label={say.mail}
              type="email"
              autoComplete="username"
              required
              autoFocus
              value={mail}
              onChange={(event) => setMail(event.currentTarget.value)}
            />
            <PasswordInput
              label={say.password}
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          </>
        )}
        <Button type="submit" loading={attempt.busy} fullWidth>
          {say.signIn.submit}
        </Button>
        {wantsCode && (
          <Anchor component="button" type="button" size="sm" onClick={again}>
            {say.signIn.back}
          </Anchor>
        )}
        {!wantsCode && openid && (
          <>
            <div className={styles.or}>{say.signIn.or}</div>
            <Button
              component="a"
              href="/api/session/openid"
              variant="default"
              fullWidth
              leftSection={<IconLogin2 size={16} stroke={1.6} aria-hidden />}
            >
              {say.signIn.with(openid)}
            </Button>
          </>
        )}
      </form>
      <div className={styles.below}>
        <details>
          <summary>{say.signIn.forgot}</summary>
          <p>{say.signIn.forgotten}</p>
          <Command>{`${LINK} ${mail || "hanako@shop.example"}`}</Command>
        </details>
        <p>{say.signIn.noAccount}</p>
      </div>
    </Door>
  );
}
