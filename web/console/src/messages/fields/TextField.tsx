/** A text in one language or both, with the variables that may stand between {{ }} at hand. */

import { Button } from "@mantine/core";
import { IconArrowsJoin2, IconArrowsSplit2 } from "@tabler/icons-react";
import { useLanguage, useWords } from "@/words/words";
import { useAround } from "../TemplateForm";
import { words } from "../words";
import type { InputProps } from "./Field";
import styles from "./fields.module.css";
import { Suggesting } from "./Suggesting";

export interface Bilingual {
  ja: string;
  en: string;
}

export function isBilingual(value: unknown): value is Bilingual {
  return typeof value === "object" && value !== null && "ja" in value && "en" in value;
}

export function isLiquid(value: unknown): boolean {
  return typeof value === "string" && (value.includes("{{") || value.includes("{%"));
}

export function TextField({ question, value, onChange, id, described, label }: InputProps) {
  const say = useWords(words).form;
  const reader = useLanguage();
  const { writing } = useAround();
  const shown = value ?? question.default ?? "";
  const long = question.type === "html" || (question.max_length ?? 200) > 140;
  const code = question.type === "html";

  if (!isBilingual(shown)) {
    const text = String(shown);
    return (
      <div className={styles.texts}>
        <Suggesting
          id={id}
          described={described}
          label={label}
          value={text}
          onChange={onChange}
          long={long}
          code={code}
          most={question.max_length}
        />
        {text !== "" && (
          <Button
            size="compact-xs"
            variant="subtle"
            className={styles.turn}
            leftSection={<IconArrowsSplit2 size={13} stroke={1.7} aria-hidden />}
            onClick={() => onChange({ ja: text, en: text })}
          >
            {say.split}
          </Button>
        )}
      </div>
    );
  }
  const languages: readonly ("ja" | "en")[] = writing === "both" ? ["ja", "en"] : [writing];
  const usual = isBilingual(question.default) ? question.default : undefined;
  const other = writing === "ja" ? "en" : "ja";
  const forgotten =
    writing !== "both" &&
    usual !== undefined &&
    isBilingual(value) &&
    value[writing] !== usual[writing] &&
    value[other] === usual[other];
  return (
    <div className={styles.texts}>
      {languages.map((language, index) => (
        <Suggesting
          key={language}
          id={index === 0 ? id : `${id}-${language}`}
          described={described}
          label={`${label} (${say[language]})`}
          named={index > 0 || writing === "both"}
          tag={writing === "both" ? language : undefined}
          lang={language}
          value={shown[language]}
          onChange={(text) => onChange({ ...shown, [language]: text })}
          long={long}
          code={code}
          most={question.max_length}
        />
      ))}
      {forgotten && <p className={styles.help}>{say.stillExample(say[other])}</p>}
      {shown.ja === shown.en && shown.ja !== "" && (
        <Button
          size="compact-xs"
          variant="subtle"
          className={styles.turn}
          leftSection={<IconArrowsJoin2 size={13} stroke={1.7} aria-hidden />}
          onClick={() => onChange(shown[reader])}
        >
          {say.join}
        </Button>
      )}
    </div>
  );
}
