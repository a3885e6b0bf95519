/** A new password. */

import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api, ask } from "@/api/client";
import { Section } from "@/parts/Page";
import { showDone, showFailure } from "@/parts/toast";
import { type Me, useRefreshMe } from "@/shell/session";
import { useWords } from "@/words/words";
import styles from "./account.module.css";
import { words } from "./words";

export function Password({ me }: { me: Me }) {
  const say = useWords(words).password;
  const refresh = useRefreshMe();
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const change = useMutation({
    mutationFn: () => ask(api.POST("/api/me/password", { body: { current, password: fresh } })),
    onSuccess: async ({ sessions }) => {
      setCurrent("");
      setFresh("");
      showDone(say.done(sessions));
      await Promise.all([refresh(), client.invalidateQueries({ queryKey: ["devices"] })]);
    },
    onError: (error) => where(error) || showFailure(error),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Section title={say.title}>
      <p className={styles.text}>{me.has_password ? say.lead : say.none}</p>
      <form className={styles.narrow} onSubmit={submit}>
        <input type="text" autoComplete="username" value={me.mail} readOnly hidden />
        {me.has_password && (
          <PasswordInput
            label={say.current}
            autoComplete="current-password"
            value={current}
            error={where(change.error) === "current" && say.wrongCurrent}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
        )}
        <PasswordInput
          label={say.fresh}
          description={say.freshHint}
          autoComplete="new-password"
          required
          value={fresh}
          error={where(change.error) === "password" && say.wrongFresh}
          onChange={(event) => setFresh(event.currentTarget.value)}
        />
        <div>
          <Button type="submit" variant="default" loading={change.isPending}>
            {me.has_password ? say.change : say.set}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function where(error: unknown): string {
  return error instanceof ApiError && (error.where === "current" || error.where === "password") ? error.where : "";
}
