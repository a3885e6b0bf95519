/** The fields that hold one value: addresses, numbers, colours, pictures, times, choices. */

import { ActionIcon, Button, SegmentedControl, Select, Switch, TextInput } from "@mantine/core";
import { IconPhoto, IconX } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { usePick, useWords } from "@/words/words";
import { thumbnail } from "../pictures/pictures";
import { useAround } from "../TemplateForm";
import { words } from "../words";
import { both, type InputProps } from "./Field";
import styles from "./fields.module.css";
import { Suggesting } from "./Suggesting";
import { isBilingual, TextField } from "./TextField";

const ColourInput = lazy(() => import("./ColourInput"));
const PicturePicker = lazy(() => import("../pictures/PicturePicker"));

const HINTS: Readonly<Record<string, string>> = {
  url: "/sale",
  image: "https://",
  phone: "0120-000-000",
  selector: ".price",
  number: "0",
  color: "#27406b",
};

export function PlainField(props: InputProps) {
  const { question, value, onChange, id, described, label } = props;
  const shown = value ?? question.default ?? "";
  if (isBilingual(shown)) return <TextField {...props} />;
  const put = (text: string) => onChange(question.type === "number" && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  const { type } = question;
  return (
    <Suggesting
      id={id}
      described={described}
      label={label}
      value={String(shown)}
      onChange={put}
      long={type === "code"}
      code={type === "code" || type === "selector" || type === "name"}
      placeholder={HINTS[type]}
      type={type === "phone" ? "tel" : "text"}
    />
  );
}

export function FlagField({ question, value, onChange, id, described }: InputProps) {
  const say = useWords(words).form;
  const on = (value ?? question.default) === true || String(value ?? question.default) === "true";
  return (
    <Switch
      id={id}
      aria-describedby={described}
      checked={on}
      onChange={(event) => onChange(event.currentTarget.checked)}
      label={say.yes}
    />
  );
}

export function ChoiceField({ question, value, onChange, id, described, label }: InputProps) {
  const pick = usePick();
  const choices = (question.choices ?? []).map((one) => ({ value: one.value, label: pick(both(one.label, one.value)) }));
  const chosen = String(value ?? question.default ?? "");
  if (choices.length <= 4 && choices.every((one) => one.label.length < 14)) {
    return (
      <SegmentedControl
        id={id}
        size="sm"
        aria-label={label}
        aria-describedby={described}
        data={choices}
        value={chosen}
        onChange={onChange}
        style={{ justifySelf: "start", maxWidth: "100%" }}
      />
    );
  }
  return (
    <Select
      id={id}
      aria-describedby={described}
      data={choices}
      value={chosen}
      allowDeselect={false}
      onChange={(to) => to && onChange(to)}
    />
  );
}

/** The picker comes when a form has a colour. */
export function ColourField(props: InputProps) {
  return (
    <Suspense fallback={<div style={{ height: 36 }} />}>
      <ColourInput {...props} />
    </Suspense>
  );
}

export function TimeField({ question, value, onChange, id, described }: InputProps) {
  const shown = String(value ?? question.default ?? "");
  return (
    <TextInput
      id={id}
      type="datetime-local"
      aria-describedby={described}
      value={/^\d{4}-\d{2}-\d{2}$/.test(shown) ? `${shown}T00:00` : shown}
      onChange={(event) => onChange(event.currentTarget.value)}
      style={{ maxWidth: 260 }}
    />
  );
}

export function PurposeField(props: InputProps) {
  const { question, value, onChange, id, described } = props;
  const say = useWords(words).form;
  const { purposes } = useAround();
  const chosen = String(value ?? question.default ?? "");
  if (purposes.length === 0) return <PlainField {...props} />;
  return (
    <Select
      id={id}
      aria-describedby={described}
      data={[...new Set([...purposes, ...(chosen ? [chosen] : [])])]}
      value={chosen || null}
      placeholder={say.purpose}
      allowDeselect={false}
      onChange={(to) => to && onChange(to)}
      style={{ maxWidth: 280 }}
    />
  );
}

export function PictureField(props: InputProps) {
  const { question, value, onChange, id, described, label } = props;
  const say = useWords(words);
  const [choosing, setChoosing] = useState(false);
  const shown = String(value ?? question.default ?? "");
  const seen = thumbnail(shown);
  return (
    <div className={styles.picture}>
      <div className={styles.thumb}>{seen ? <img src={seen} alt="" /> : <IconPhoto size={22} stroke={1.4} aria-hidden />}</div>
      <div className={styles.inputs}>
        <Suggesting id={id} described={described} label={label} value={shown} onChange={onChange} placeholder={HINTS.image} />
        <div className={styles.inline}>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPhoto size={14} stroke={1.7} aria-hidden />}
            onClick={() => setChoosing(true)}
          >
            {say.form.choose}
          </Button>
          {shown !== "" && (
            <ActionIcon variant="subtle" color="gray" aria-label={`${say.form.clear}: ${label}`} onClick={() => onChange("")}>
              <IconX size={16} stroke={1.7} />
            </ActionIcon>
          )}
        </div>
      </div>
      <Suspense>
        {choosing && (
          <PicturePicker
            onClose={() => setChoosing(false)}
            onPick={(picture) => {
              onChange(picture.url);
              setChoosing(false);
            }}
          />
        )}
      </Suspense>
    </div>
  );
}
