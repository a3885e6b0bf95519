/** What visitors are asked permission for: each purpose as a sentence, and the form behind it. */

import { Button, Menu, MultiSelect, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { words as consentWords } from "@/consents/words";
import { Section } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import { type ProjectDocument, type Told, useProjectDocument, useSaving } from "./document";
import {
  ANSWERS,
  type Answer,
  both,
  fromText,
  KNOWN,
  type PurposeDocument,
  TYPES,
  tidy,
  toText,
  UNITS,
  type Unit,
} from "./purpose";
import styles from "./purposes.module.css";
import { SaveBar } from "./SaveBar";
import { SettingsPage } from "./SettingsPage";
import form from "./settings.module.css";

/** The purpose without which nothing is taken of a person; withdrawing it forgets them, where it erases. */
const MEASURE = "measure";
const TCF = Array.from({ length: 11 }, (_, index) => String(index + 1));

export default function Purposes() {
  const { settings: say } = useWords(consentWords);
  const query = useProjectDocument(useProject().id);
  return (
    <SettingsPage at="purposes" lead={say.lead}>
      <Loaded query={query}>{(told) => <Form key={told.version} told={told} />}</Loaded>
    </SettingsPage>
  );
}

function Form({ told }: { told: Told }) {
  const { settings: say } = useWords(consentWords);
  const project = useProject();
  const may = useMay("admin");
  const saving = useSaving(project.id, told);
  const [first] = useState<PurposeDocument[]>((told.document as ProjectDocument).purposes ?? []);
  const [purposes, setPurposes] = useState(first);
  const [open, setOpen] = useState<number | null>(null);
  const names = new Set(purposes.map((one) => one.name));
  const add = (name: string) => {
    const known = KNOWN.find((one) => one.name === name);
    setPurposes([...purposes, known ?? { name: "", default: "unknown", ask_again: { later: "3 days", closed: "7 days" } }]);
    setOpen(purposes.length);
  };
  const put = (index: number, one: PurposeDocument) => setPurposes(purposes.map((old, at) => (at === index ? one : old)));
  const save = () => {
    const made = purposes.map(tidy);
    void saving.save({ purposes: made.length ? made : undefined });
  };
  return (
    <fieldset disabled={!may} style={{ border: 0, margin: 0, padding: 0 }}>
      {purposes.length === 0 && <EmptyState title={say.empty}>{say.emptyLead}</EmptyState>}
      <ul className={styles.list}>
        {purposes.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a name is written letter by letter, and a place is what is edited
          <li key={index} className={styles.purpose}>
            <Summary one={one} open={open === index} turn={() => setOpen(open === index ? null : index)} />
            {open === index && (
              <Fields
                one={one}
                change={(to) => put(index, to)}
                remove={() => {
                  setPurposes(purposes.filter((_, at) => at !== index));
                  setOpen(null);
                }}
              />
            )}
          </li>
        ))}
      </ul>
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button variant="default" leftSection={<IconPlus size={16} stroke={1.6} />}>
            {say.add}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{say.adding}</Menu.Label>
          {KNOWN.filter((one) => !names.has(one.name)).map((one) => (
            <Menu.Item key={one.name} onClick={() => add(one.name)}>
              {say.known[one.name as keyof typeof say.known]}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => add("")}>{say.own}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {purposes.length > 0 && <p className={styles.note}>{say.choices}</p>}
      <SaveBar
        dirty={JSON.stringify(purposes) !== JSON.stringify(first)}
        saving={saving}
        onSave={save}
        onCancel={() => {
          setPurposes(first);
          setOpen(null);
        }}
      />
    </fieldset>
  );
}

function Summary({ one, open, turn }: { one: PurposeDocument; open: boolean; turn: () => void }) {
  const { settings: say } = useWords(consentWords);
  const pick = usePick();
  const { list } = useFormats();
  const waits = ANSWERS.flatMap((answer) => {
    const wait = toText(one.ask_again?.[answer]);
    return wait ? [say.after[answer](say.spans[wait.unit](wait.n))] : [];
  });
  const means = say.means[one.name as keyof typeof say.means] ?? say.ownMeans;
  const sentences = [
    means,
    one.default === "unknown" ? say.optIn : say.optOut,
    waits.length ? say.asks(list(waits)) : say.neverAgain,
    one.expires_days ? say.expiry(one.expires_days) : "",
    one.policy ? say.policyIs(one.policy, one.reask ?? false) : "",
    one.erase ? (one.name === MEASURE ? say.forgets : say.erases) : "",
  ].filter(Boolean);
  return (
    <div className={styles.summary}>
      <div>
        <h2>
          {both(one.label).ja || both(one.label).en ? pick(both(one.label)) : one.name || say.own} <code>{one.name}</code>
        </h2>
        <p>{sentences[0]}</p>
        <ul>
          {sentences.slice(1).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </div>
      <Button variant="subtle" onClick={turn} aria-expanded={open}>
        {open ? say.done : say.edit}
      </Button>
    </div>
  );
}

function Fields({ one, change, remove }: { one: PurposeDocument; change: (to: PurposeDocument) => void; remove: () => void }) {
  const { settings: say } = useWords(consentWords);
  const put = (part: Partial<PurposeDocument>) => change({ ...one, ...part });
  const label = both(one.label);
  const text = both(one.text);
  const signals = one.signals ?? {};
  return (
    <div className={styles.fields}>
      <div>
        <div className={styles.wide}>
          <TextInput
            label={say.name}
            description={say.nameHint}
            value={one.name}
            onChange={(event) => put({ name: event.currentTarget.value.trim() })}
          />
          <Select
            label={say.default}
            allowDeselect={false}
            data={[
              { value: "unknown", label: say.optIn },
              { value: "granted", label: say.optOut },
            ]}
            value={one.default ?? "granted"}
            onChange={(value) => put({ default: value as "granted" | "unknown" })}
          />
          <TextInput
            label={say.labelJa}
            value={label.ja}
            onChange={(event) => put({ label: { ...label, ja: event.currentTarget.value } })}
          />
          <TextInput
            label={say.labelEn}
            value={label.en}
            onChange={(event) => put({ label: { ...label, en: event.currentTarget.value } })}
          />
          <Textarea
            autosize
            minRows={2}
            label={say.textJa}
            description={say.textHint}
            value={text.ja}
            onChange={(event) => put({ text: { ...text, ja: event.currentTarget.value } })}
          />
          <Textarea
            autosize
            minRows={2}
            label={say.textEn}
            description={say.textHint}
            value={text.en}
            onChange={(event) => put({ text: { ...text, en: event.currentTarget.value } })}
          />
          <NumberInput
            label={say.days}
            description={say.daysHint}
            min={0}
            allowDecimal={false}
            value={one.expires_days ?? 0}
            onChange={(value) => put({ expires_days: Math.max(0, Math.round(Number(value) || 0)) })}
          />
          <TextInput
            label={say.policy}
            description={say.policyHint}
            value={one.policy ?? ""}
            maxLength={64}
            onChange={(event) => put({ policy: event.currentTarget.value })}
          />
        </div>
        <div className={styles.switches}>
          <Switch
            label={say.reask}
            checked={one.reask ?? false}
            onChange={(event) => put({ reask: event.currentTarget.checked })}
          />
          <Switch
            label={one.name === MEASURE ? say.forget : say.erase}
            checked={one.erase ?? false}
            onChange={(event) => put({ erase: event.currentTarget.checked })}
          />
        </div>
      </div>
      <Section title={say.waits}>
        <p className={form.text}>{say.waitsHint}</p>
        <div className={styles.wide}>
          {ANSWERS.map((answer) => (
            <Wait key={answer} answer={answer} one={one} put={put} />
          ))}
        </div>
      </Section>
      <Section title={say.signals}>
        <p className={form.text}>{say.signalsHint}</p>
        <div className={styles.wide}>
          <MultiSelect
            label={say.tcf}
            data={TCF}
            value={(signals.tcf ?? []).map(String)}
            onChange={(tcf) => put({ signals: { ...signals, tcf: tcf.map(Number) } })}
          />
          <TagsInput
            label={say.google}
            data={[...TYPES]}
            value={signals.google ?? []}
            onChange={(google) => put({ signals: { ...signals, google } })}
          />
        </div>
        <div className={styles.switches}>
          <Switch
            label={say.gpc}
            checked={signals.gpc ?? false}
            onChange={(event) => put({ signals: { ...signals, gpc: event.currentTarget.checked } })}
          />
        </div>
      </Section>
      <div className={form.buttons}>
        <Button variant="subtle" color="red" onClick={remove}>
          {say.remove}
        </Button>
      </div>
    </div>
  );
}

function Wait({ answer, one, put }: { answer: Answer; one: PurposeDocument; put: (part: Partial<PurposeDocument>) => void }) {
  const { settings: say } = useWords(consentWords);
  const wait = toText(one.ask_again?.[answer]);
  const set = (n: number, unit: Unit) =>
    put({ ask_again: { ...one.ask_again, [answer]: n > 0 ? fromText(n, unit) : undefined } });
  return (
    <div className={styles.wait}>
      <NumberInput
        label={say[answer]}
        min={0}
        allowDecimal={false}
        value={wait?.n ?? ""}
        onChange={(value) => set(Math.round(Number(value) || 0), wait?.unit ?? "d")}
      />
      <Select
        aria-label={say[answer]}
        allowDeselect={false}
        data={UNITS.map((unit) => ({ value: unit, label: say.unit[unit] }))}
        value={wait?.unit ?? "d"}
        disabled={!wait}
        onChange={(unit) => wait && set(wait.n, (unit ?? "d") as Unit)}
      />
    </div>
  );
}
