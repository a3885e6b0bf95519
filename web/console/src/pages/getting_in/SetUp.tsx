/** The first account. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ask } from "@/api/client";
import { SkeletonRows } from "@/parts/states";
import { useLanguage, useWords } from "@/words/words";
import { AccountFields } from "./AccountFields";
import { linkSecret, useArrive, useAttempt } from "./arriving";
import { Command, Door, LINK, Told } from "./Door";
import styles from "./Door.module.css";
import { words } from "./words";

export default function SetUp() {
  const say = useWords(words);
  const language = useLanguage();
  const arrive = useArrive();
  const attempt = useAttempt();
  const [link] = useState(linkSecret);
  const [value, setValue] = useState({ mail: "", name: "", password: "" });
  const looked = useQuery({
    queryKey: ["setup", link],
    queryFn: () => ask(api.POST("/api/setup/look", { body: { link } })),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (looked.error) {
    return (
      <Door title={say.setUp.over} lead={say.wrong.link}>
        <div className={styles.below}>
          <p>{say.signIn.again}</p>
          <Command>{LINK}</Command>
        </div>
      </Door>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(async () => {
      await arrive(await ask(api.POST("/api/setup", { body: { link, ...value, language } })));
    });
  };
  return (
    <Door title={say.setUp.title} lead={say.setUp.lead}>
      {looked.data ? (
        <form onSubmit={submit} className={styles.fields}>
          {attempt.wrong[""] && <Told>{attempt.wrong[""]}</Told>}
          <AccountFields value={value} onChange={setValue} wrong={attempt.wrong} />
          <Button type="submit" color="vermilion" loading={attempt.busy} fullWidth>
            {say.setUp.submit}
          </Button>
        </form>
      ) : (
        <SkeletonRows rows={4} height={36} />
      )}
    </Door>
  );
}
