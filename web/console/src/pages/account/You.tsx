/** Name, language, appearance: kept as soon as they are chosen. */

import { SegmentedControl, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useContext, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { Section } from "@/parts/Page";
import { showDone, showFailure } from "@/parts/toast";
import { useAppearance } from "@/shell/preferences";
import { type Me, useRefreshMe } from "@/shell/session";
import { words as shared } from "@/words/shared";
import { LanguageContext, useWords } from "@/words/words";
import styles from "./account.module.css";
import { words } from "./words";

export function You({ me }: { me: Me }) {
  const say = useWords(words);
  const { saved } = useWords(shared);
  const refresh = useRefreshMe();
  const { language, change } = useContext(LanguageContext);
  const { appearance, change: wear } = useAppearance();
  const [name, setName] = useState(me.name);
  const wish = useMutation({
    mutationFn: (wished: Schemas["AccountWished"]) => ask(api.PATCH("/api/me", { body: wished })),
    onSuccess: async (_, wished) => {
      await refresh();
      if (wished.name) showDone(saved);
    },
    onError: showFailure,
  });
  const keepName = () => {
    if (name.trim() && name.trim() !== me.name) wish.mutate({ name: name.trim() });
  };
  return (
    <Section title={say.you}>
      <div className={styles.narrow}>
        <TextInput
          label={say.name}
          value={name}
          maxLength={80}
          error={name.trim() ? undefined : say.wrongName}
          onChange={(event) => setName(event.currentTarget.value)}
          onBlur={keepName}
          onKeyDown={(event) => event.key === "Enter" && !event.nativeEvent.isComposing && keepName()}
        />
        <TextInput label={say.mail} description={say.mailHint} value={me.mail} readOnly />
        <div>
          <div id="account-language" className={styles.label}>
            {say.language}
          </div>
          <SegmentedControl
            aria-labelledby="account-language"
            value={language}
            data={[
              { value: "ja", label: say.japanese },
              { value: "en", label: say.english },
            ]}
            onChange={(to) => {
              change(to as "ja" | "en");
              wish.mutate({ language: to as "ja" | "en" });
            }}
          />
        </div>
        <div>
          <div id="account-appearance" className={styles.label}>
            {say.appearance}
          </div>
          <SegmentedControl
            aria-labelledby="account-appearance"
            value={appearance}
            data={[
              { value: "light", label: say.light },
              { value: "dark", label: say.dark },
              { value: "auto", label: say.auto },
            ]}
            onChange={(to) => {
              wear(to as "light" | "dark" | "auto");
              wish.mutate({ theme: to as "light" | "dark" | "auto" });
            }}
          />
        </div>
      </div>
    </Section>
  );
}
