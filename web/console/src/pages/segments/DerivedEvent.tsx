/** One derived event: those of an event that match, and how often it would have come until now. */

import { Autocomplete, Button, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, useRef, useState } from "react";
import { Page } from "@/parts/Page";
import { ProblemList } from "@/parts/ProblemList";
import { Loaded, SkeletonBlock } from "@/parts/states";
import { UnsavedGuard } from "@/parts/unsaved";
import { WhenSeen } from "@/parts/WhenSeen";
import { RuleBuilder } from "@/rules/RuleBuilder";
import type { Rule } from "@/rules/tree";
import { useRuleWords } from "@/rules/vocabulary";
import { useMay, useProject } from "@/shell/session";
import { useLanguage, usePick, useWords } from "@/words/words";
import { Uses, Versions } from "./About";
import { Dispute } from "./Dispute";
import { DraftNote } from "./DraftNote";
import { type Told, useDocument, useSaving } from "./saving";
import styles from "./segments.module.css";
import { words } from "./words";

const Past = lazy(() => import("./Past"));

interface Written {
  from: string;
  where: Rule;
  label?: string | { ja: string; en: string };
}

export default function DerivedEvent() {
  const { event = "new" } = useParams({ strict: false }) as { event?: string };
  const project = useProject();
  const query = useDocument(project.id, "events", event);
  return (
    <Loaded query={query} skeleton={<SkeletonBlock height={360} />}>
      {(told) => <Editor key={`${event} ${told?.changed_in ?? 0} ${told?.draft?.revision ?? 0}`} id={event} told={told} />}
    </Loaded>
  );
}

function Editor({ id, told }: { id: string; told: Told | null }) {
  const all = useWords(words);
  const say = all.derived;
  const language = useLanguage();
  const pick = usePick();
  const project = useProject();
  const navigate = useNavigate();
  const may = useMay("edit");
  const known = useRuleWords(project.id);
  const written = (told?.draft?.document ?? told?.document ?? null) as Written | null;
  const label =
    typeof written?.label === "string" ? { ja: written.label, en: written.label } : (written?.label ?? { ja: "", en: "" });
  const [ja, setJa] = useState(label.ja);
  const [en, setEn] = useState(label.en);
  const [name, setName] = useState("");
  const [from, setFrom] = useState(written?.from ?? "view");
  const [where, setWhere] = useState<Rule>(written?.where ?? []);
  const [touched, setTouched] = useState(false);
  const saving = useSaving(project.id, "events");
  const saved = useRef(false);
  const isNew = told === null;
  const target = isNew ? name : id;
  const bad = isNew && !/^[A-Za-z$][A-Za-z0-9_$]{0,127}$/.test(name);
  const document: Record<string, unknown> = { ...(written ?? {}), from, where };
  if (ja.trim() || en.trim()) document.label = { ja: ja.trim() || en.trim(), en: en.trim() || ja.trim() };
  else delete document.label;
  const dirty = JSON.stringify(document) !== JSON.stringify(written ?? { from: "view", where: [] });
  const title = (language === "ja" ? ja || en : en || ja) || (isNew ? say.untitled : id);
  const sent = (known.data?.events ?? []).filter((one) => one.name !== id);
  const called = sent.find((one) => one.name === from);

  const save = async (theirs?: number, whole: unknown = document) => {
    setTouched(true);
    if (bad) return;
    saved.current = true;
    const done = await saving.save(target, whole, told, theirs);
    saved.current = done;
    if (done && isNew) await navigate({ to: `/p/${project.id}/derived-events/${target}`, replace: true });
  };
  return (
    <Page
      title={title}
      crumbs={[{ label: say.title, to: `/p/${project.id}/derived-events` }]}
      actions={
        may && (
          <>
            {!isNew && told?.document && (
              <Button
                variant="subtle"
                color="gray"
                leftSection={<IconTrash size={16} stroke={1.6} />}
                loading={saving.busy}
                onClick={async () => {
                  saved.current = true;
                  if (await saving.remove(id, title, told)) await navigate({ to: `/p/${project.id}/derived-events` });
                  else saved.current = false;
                }}
              >
                {all.remove}
              </Button>
            )}
            <Button loading={saving.busy} disabled={!dirty && !told?.draft} onClick={() => void save()}>
              {told?.approval ? all.send : all.save}
            </Button>
          </>
        )
      }
    >
      <UnsavedGuard dirty={dirty && may && !saved.current} />
      <Dispute
        dispute={saving.dispute}
        onClose={saving.settled}
        onMine={(dispute) => {
          saving.settled();
          void save(dispute.draft?.revision ?? 0, dispute.document);
        }}
        onTheirs={(dispute) => {
          saving.settled();
          const theirs = dispute.draft?.document as Written | undefined;
          if (theirs) setWhere(theirs.where);
        }}
      />
      {told?.draft && <DraftNote kind="events" id={id} told={told} saving={saving} />}
      <ProblemList problems={saving.problems} />
      <div className={styles.names}>
        {isNew && (
          <TextInput
            label={say.name}
            description={say.nameHint}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={touched && bad ? say.nameWrong : undefined}
          />
        )}
        <TextInput label={say.labelJa} value={ja} onChange={(event) => setJa(event.currentTarget.value)} readOnly={!may} />
        <TextInput label={say.labelEn} value={en} onChange={(event) => setEn(event.currentTarget.value)} readOnly={!may} />
        <Autocomplete
          label={say.from}
          data={[...new Set(sent.map((one) => one.name))]}
          value={from}
          onChange={setFrom}
          renderOption={({ option }) => {
            const one = sent.find((each) => each.name === option.value);
            return one && pick(one) !== one.name ? `${pick(one)} (${one.name})` : option.value;
          }}
          readOnly={!may}
        />
      </div>
      <fieldset className={styles.builder} disabled={!may}>
        <p className={styles.quiet}>{`${called ? pick(called) : from}: ${say.whereHint}`}</p>
        <RuleBuilder project={project.id} scope="filter" event={from} value={where} onChange={setWhere} />
      </fieldset>
      <WhenSeen height={280}>
        <Past from={from} where={where} />
      </WhenSeen>
      {!isNew && told?.document !== null && (
        <div className={styles.two}>
          <Uses kind="events" id={id} />
          <Versions kind="events" id={id} />
        </div>
      )}
    </Page>
  );
}
