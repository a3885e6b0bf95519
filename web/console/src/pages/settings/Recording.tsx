/** Whose screens are recorded and what is hidden of them, what is told of people's trouble, and what is not kept of pages. */

import { NumberInput, Select, Switch, TagsInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Section } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { RuleBuilder } from "@/rules/LateRuleBuilder";
import { PagePatterns } from "@/rules/PagePatterns";
import type { Rule } from "@/rules/tree";
import { useMay, useProject } from "@/shell/session";
import { usePick, useWords } from "@/words/words";
import {
  different,
  EXAMPLES,
  type ProjectDocument,
  type RecordingDocument,
  type Told,
  useProjectDocument,
  useSaving,
} from "./document";
import { both } from "./purpose";
import { SaveBar } from "./SaveBar";
import { SettingsPage } from "./SettingsPage";
import styles from "./settings.module.css";
import { words } from "./words";

export default function Recording() {
  const say = useWords(words);
  const query = useProjectDocument(useProject().id);
  return (
    <SettingsPage at="recording" lead={say.recording.lead}>
      <Loaded query={query}>{(told) => <Form key={told.version} told={told} />}</Loaded>
    </SettingsPage>
  );
}

type Part = Pick<ProjectDocument, "recording" | "friction" | "private">;

/** What is at its default, or says nothing, is left out. */
const DEFAULTS: Partial<Record<keyof RecordingDocument, unknown>> = {
  by: "rule",
  share: "100%",
  minimum_seconds: 5,
  max_minutes: 60,
  canvas: false,
  indicator: false,
  keep_days: 30,
  quota_megabytes: 2000,
};

function tidy(part: Part): Part {
  const { recording, friction, private: hidden } = part;
  return {
    recording: recording && (said({ ...recording, mask: said(recording.mask), pages: said(recording.pages) }) ?? {}),
    friction: friction || undefined,
    private: said({ query: hidden?.query, titles: hidden?.titles || undefined }),
  };
}

function said<T extends object>(fields: T | undefined): T | undefined {
  const left = Object.entries(fields ?? {}).filter(
    ([name, value]) =>
      value !== undefined &&
      !(Array.isArray(value) && value.length === 0) &&
      !(name === "inputs" && value === "all") &&
      DEFAULTS[name as keyof RecordingDocument] !== value,
  );
  return left.length ? (Object.fromEntries(left) as T) : undefined;
}

function Form({ told }: { told: Told }) {
  const say = useWords(words).recording;
  const project = useProject();
  const may = useMay("admin");
  const before = told.document as ProjectDocument;
  const saving = useSaving(project.id, told);
  const [first] = useState<Part>({ recording: before.recording, friction: before.friction, private: before.private });
  const [part, setPart] = useState(first);
  const [last, setLast] = useState<RecordingDocument>(first.recording ?? begun(before));
  const { recording } = part;
  const record = (change: Partial<RecordingDocument>) => setPart({ ...part, recording: { ...recording, ...change } });
  const turn = (on: boolean) => {
    if (recording) setLast(recording);
    setPart({ ...part, recording: on ? last : undefined });
  };
  const save = () => void saving.save(different(tidy(part), tidy(first)));
  return (
    <fieldset disabled={!may} style={{ border: 0, margin: 0, padding: 0 }}>
      <Section title={say.title}>
        <Switch
          label={say.on}
          description={recording ? say.isOn : say.isOff}
          checked={recording !== undefined}
          onChange={(event) => turn(event.currentTarget.checked)}
        />
      </Section>
      {recording && <Who recording={recording} record={record} document={before} may={may} />}
      {recording && <Hidden recording={recording} record={record} />}
      {recording && <Kept recording={recording} record={record} />}
      <Section title={say.friction}>
        <Switch
          label={say.frictionOn}
          description={say.frictionHint}
          checked={part.friction ?? false}
          onChange={(event) => setPart({ ...part, friction: event.currentTarget.checked })}
        />
      </Section>
      <Section title={say.addresses}>
        <div className={styles.form}>
          <TagsInput
            label={say.query}
            description={say.queryHint}
            placeholder={part.private?.query?.length ? "" : "token"}
            value={part.private?.query ?? []}
            onChange={(query) => setPart({ ...part, private: { ...part.private, query } })}
            splitChars={[",", " "]}
          />
          <Switch
            label={say.titles}
            description={say.titlesHint}
            checked={part.private?.titles ?? false}
            onChange={(event) => setPart({ ...part, private: { ...part.private, titles: event.currentTarget.checked } })}
          />
        </div>
      </Section>
      <SaveBar
        dirty={JSON.stringify(tidy(part)) !== JSON.stringify(tidy(first))}
        saving={saving}
        onSave={save}
        onCancel={() => setPart(first)}
      />
    </fieldset>
  );
}

/** Where nobody has said anything yet: nobody is recorded unasked, if there is a purpose to ask for. */
function begun(document: ProjectDocument): RecordingDocument {
  return document.purposes?.some((one) => one.name === "record") ? { consent: "record" } : {};
}

interface PartProps {
  recording: RecordingDocument;
  record: (change: Partial<RecordingDocument>) => void;
}

function Who({ recording, record, document, may }: PartProps & { document: ProjectDocument; may: boolean }) {
  const say = useWords(words).recording;
  const pick = usePick();
  const project = useProject();
  const byCampaign = recording.by === "campaign";
  const purposes = (document.purposes ?? []).map((one) => {
    const label = both(one.label);
    return { value: one.name, label: label.ja || label.en ? pick(label) : one.name };
  });
  return (
    <Section title={say.who}>
      <div className={styles.form}>
        <Select
          label={say.consent}
          description={recording.consent ? say.consentHint : say.noConsentHint}
          placeholder={say.noConsent}
          data={purposes}
          value={recording.consent ?? null}
          onChange={(consent) => record({ consent: consent ?? undefined })}
          clearable
        />
        <Select
          label={say.by}
          description={byCampaign ? say.byCampaignHint : undefined}
          data={[
            { value: "rule", label: say.byRule },
            { value: "campaign", label: say.byCampaign },
          ]}
          value={recording.by ?? "rule"}
          allowDeselect={false}
          onChange={(by) => record({ by: by as RecordingDocument["by"] })}
        />
      </div>
      {!byCampaign && (
        <>
          <Under title={say.people}>
            <RuleBuilder project={project.id} value={recording.who} onChange={(who) => record({ who: spoken(who) })} />
          </Under>
          <div className={styles.form}>
            {(["include", "exclude"] as const).map((which) => (
              <PagePatterns
                key={which}
                project={project.id}
                label={say[which]}
                none={which === "include" ? say.anyPage : say.noPage}
                value={recording.pages?.[which] ?? []}
                onChange={(to) => record({ pages: { ...recording.pages, [which]: to } })}
                may={may}
              />
            ))}
            <NumberInput
              label={say.share}
              description={say.shareHint}
              min={0}
              max={100}
              decimalScale={1}
              suffix="%"
              value={Number.parseFloat(recording.share ?? "100")}
              onChange={(value) => record({ share: `${Math.min(100, Math.max(0, Number(value) || 0))}%` })}
            />
          </div>
        </>
      )}
    </Section>
  );
}

/** A rule that says nothing is everybody. */
function spoken(rule: Rule): Rule | undefined {
  return Array.isArray(rule) && rule.length === 0 ? undefined : rule;
}

function Hidden({ recording, record }: PartProps) {
  const say = useWords(words).recording;
  const mask = recording.mask ?? {};
  const put = (change: Partial<typeof mask>) => record({ mask: { ...mask, ...change } });
  return (
    <Section title={say.hidden}>
      <p className={styles.text}>{say.hiddenLead}</p>
      <div className={styles.form}>
        <Select
          label={say.inputs}
          data={[
            { value: "all", label: say.allInputs },
            { value: "sensitive", label: say.sensitiveInputs },
          ]}
          value={mask.inputs ?? "all"}
          allowDeselect={false}
          onChange={(inputs) => put({ inputs: inputs as typeof mask.inputs })}
        />
        {(["text", "block", "unmask"] as const).map((which) => (
          <TagsInput
            key={which}
            label={say[which]}
            description={say.selectors[which]}
            placeholder={mask[which]?.length ? "" : EXAMPLES.selector}
            value={mask[which] ?? []}
            onChange={(to) => put({ [which]: to })}
            splitChars={[]}
          />
        ))}
        <TagsInput
          label={say.keptQuery}
          description={say.keptQueryHint}
          placeholder={mask.query?.length ? "" : "q"}
          value={mask.query ?? []}
          onChange={(query) => put({ query })}
          splitChars={[",", " "]}
        />
      </div>
    </Section>
  );
}

function Kept({ recording, record }: PartProps) {
  const say = useWords(words).recording;
  const number = (name: "minimum_seconds" | "max_minutes" | "keep_days" | "quota_megabytes", least: number, most: number) => (
    <NumberInput
      label={say[name]}
      description={say.numbers[name]}
      min={least}
      max={most}
      allowDecimal={false}
      thousandSeparator=","
      value={recording[name] ?? (DEFAULTS[name] as number)}
      onChange={(value) => record({ [name]: Math.min(most, Math.max(least, Math.round(Number(value) || least))) })}
    />
  );
  return (
    <Section title={say.kept}>
      <div className={styles.form}>
        <div className={styles.pair}>
          {number("minimum_seconds", 0, 3_600)}
          {number("max_minutes", 1, 1_440)}
        </div>
        <div className={styles.pair}>
          {number("keep_days", 1, 3_650)}
          {number("quota_megabytes", 1, 100_000_000)}
        </div>
        {(["indicator", "canvas"] as const).map((which) => (
          <Switch
            key={which}
            label={say[which]}
            description={say.switches[which]}
            checked={recording[which] ?? false}
            onChange={(event) => record({ [which]: event.currentTarget.checked })}
          />
        ))}
      </div>
    </Section>
  );
}

function Under({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.under}>
      <h3>{title}</h3>
      {children}
    </div>
  );
}
