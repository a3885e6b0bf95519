/** One segment: a sentence that is built word by word, and how many people it holds. */

import { Autocomplete, Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, useRef, useState } from "react";
import { segments as allSegments } from "@/api/asked";
import { api, ask } from "@/api/client";
import { Mark } from "@/parts/Mark";
import { Page } from "@/parts/Page";
import { ProblemList } from "@/parts/ProblemList";
import { Loaded, SkeletonBlock } from "@/parts/states";
import { showFailure } from "@/parts/toast";
import { UnsavedGuard } from "@/parts/unsaved";
import { WhenSeen } from "@/parts/WhenSeen";
import { RuleBuilder } from "@/rules/RuleBuilder";
import { RuleSize } from "@/rules/RuleSize";
import type { Rule } from "@/rules/tree";
import { useReading, useRuleWords } from "@/rules/vocabulary";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useLanguage, usePick, useWords } from "@/words/words";
import { Examples, Overlap, Uses, Versions } from "./About";
import { Dispute } from "./Dispute";
import { DraftNote } from "./DraftNote";
import { PRESETS } from "./presets";
import { type Told, useDocument, useSaving } from "./saving";
import styles from "./segments.module.css";
import { words } from "./words";

const History = lazy(() => import("./History"));

interface Written {
  name: unknown;
  rule: Rule;
  folder?: string;
}

export default function Segment() {
  const { segment = "new" } = useParams({ strict: false }) as { segment?: string };
  const project = useProject();
  const query = useDocument(project.id, "segments", segment);
  return (
    <Loaded query={query} skeleton={<Waiting />}>
      {(told) => <Editor key={`${segment} ${told?.changed_in ?? 0} ${told?.draft?.revision ?? 0}`} id={segment} told={told} />}
    </Loaded>
  );
}

function Waiting() {
  return (
    <div className={styles.waiting}>
      <SkeletonBlock height={360} />
    </div>
  );
}

const both = (name: unknown): { ja: string; en: string } => {
  if (typeof name === "string") return { ja: name, en: "" };
  const { ja = "", en = "" } = (name ?? {}) as { ja?: string; en?: string };
  return { ja, en };
};
const named = (ja: string, en: string): unknown =>
  !en.trim() || ja.trim() === en.trim() ? ja.trim() : { ja: ja.trim() || en.trim(), en: en.trim() };
const slug = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 48);

function Editor({ id, told }: { id: string; told: Told | null }) {
  const say = useWords(words);
  const language = useLanguage();
  const project = useProject();
  const navigate = useNavigate();
  const may = useMay("edit");
  const written = (told?.draft?.document ?? told?.document ?? null) as Written | null;
  const start = both(written?.name);
  const [ja, setJa] = useState(start.ja);
  const [en, setEn] = useState(start.en);
  const [ownId, setOwnId] = useState("");
  const [folder, setFolder] = useState(written?.folder ?? "");
  const [rule, setRule] = useState<Rule>(written?.rule ?? []);
  const [begun, setBegun] = useState(told !== null);
  const [touched, setTouched] = useState(false);
  const saving = useSaving(project.id, "segments");
  const isNew = told === null;
  const newId = ownId || slug(en) || slug(ja) || "";
  const target = isNew ? newId : id;
  const badId = isNew && newId !== "" && !/^[A-Za-z0-9_-]{1,64}$/.test(newId);
  const document: Record<string, unknown> = { ...(written ?? {}), name: named(ja, en), rule };
  if (folder.trim()) document.folder = folder.trim();
  else delete document.folder;
  const dirty =
    begun &&
    JSON.stringify(document) !== JSON.stringify(written ?? {}) &&
    (!isNew || JSON.stringify(rule) !== "[]" || ja !== "" || en !== "");
  const saved = useRef(false);
  const title = (language === "ja" ? ja : en || ja) || (isNew ? say.untitled : id);
  const folders = useQuery(allSegments(project.id));

  const save = async (theirs?: number, whole: unknown = document) => {
    setTouched(true);
    if (!ja.trim() && !en.trim()) return;
    if (!target || badId) return;
    saved.current = true;
    const done = await saving.save(target, whole, told, theirs);
    saved.current = done;
    if (done && isNew) await navigate({ to: `/p/${project.id}/segments/${target}`, replace: true });
  };
  const submitted = told?.draft?.state === "submitted";
  return (
    <Page
      title={title}
      crumbs={[{ label: say.title, to: `/p/${project.id}/segments` }]}
      mark={told?.draft && <Mark tone="waiting">{submitted ? say.waiting : say.draftBy(told.draft.author_name)}</Mark>}
      wide
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
                  if (await saving.remove(id, title, told)) await navigate({ to: `/p/${project.id}/segments` });
                  else saved.current = false;
                }}
              >
                {say.remove}
              </Button>
            )}
            <Button loading={saving.busy} disabled={!begun || (!dirty && !told?.draft)} onClick={() => void save()}>
              {told?.approval ? say.send : say.save}
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
          if (theirs) setRule(theirs.rule);
        }}
      />
      {told?.draft && <DraftNote kind="segments" id={id} told={told} saving={saving} />}
      <ProblemList problems={saving.problems} />
      {!begun && (
        <Presets
          onPick={(preset) => {
            setBegun(true);
            if (!preset) return;
            setRule(preset.rule);
            setJa(words.ja.presets[preset.key].name);
            setEn(words.en.presets[preset.key].name);
          }}
        />
      )}
      {begun && (
        <>
          <div className={styles.split}>
            <div className={styles.main}>
              <div className={styles.names}>
                <TextInput
                  label={say.nameJa}
                  value={ja}
                  onChange={(event) => setJa(event.currentTarget.value)}
                  error={touched && !ja.trim() && !en.trim() ? say.needName : undefined}
                  readOnly={!may}
                />
                <TextInput
                  label={say.nameEn}
                  placeholder={ja}
                  value={en}
                  onChange={(event) => setEn(event.currentTarget.value)}
                  readOnly={!may}
                />
                <Autocomplete
                  label={say.folder}
                  placeholder={say.folderHint}
                  data={[...new Set((folders.data ?? []).map((one) => one.folder).filter(Boolean))]}
                  value={folder}
                  onChange={setFolder}
                  readOnly={!may}
                />
                {isNew && (
                  <TextInput
                    label={say.id}
                    placeholder={newId}
                    value={ownId}
                    onChange={(event) => setOwnId(event.currentTarget.value)}
                    error={badId ? say.idWrong : touched && !newId ? say.idHint : undefined}
                  />
                )}
              </div>
              <fieldset className={styles.builder} disabled={!may}>
                <RuleBuilder project={project.id} value={rule} onChange={setRule} segment={isNew ? undefined : id} />
              </fieldset>
            </div>
            <Beside rule={rule} segment={isNew ? "" : id} />
          </div>
          <WhenSeen height={280}>
            <History rule={rule} segment={isNew ? "" : id} />
          </WhenSeen>
          <WhenSeen height={240}>
            <div className={styles.two}>
              <Examples rule={rule} segment={isNew ? "" : id} />
              <Overlap rule={rule} segment={isNew ? "" : id} />
            </div>
          </WhenSeen>
          {!isNew && told?.document !== null && (
            <div className={styles.two}>
              <Uses kind="segments" id={id} />
              <Versions
                kind="segments"
                id={id}
                onRestore={
                  may
                    ? async (version) => {
                        try {
                          const params = { path: { project: project.id, kind: "segments" as const, id }, query: { version } };
                          const old = await ask(api.GET("/api/projects/{project}/documents/{kind}/{id}", { params }));
                          await save(undefined, old.document);
                        } catch (error) {
                          showFailure(error);
                        }
                      }
                    : undefined
                }
              />
            </div>
          )}
        </>
      )}
    </Page>
  );
}

function Beside({ rule, segment }: { rule: Rule; segment: string }) {
  const say = useWords(words);
  const pick = usePick();
  const project = useProject();
  const format = useFormats();
  const [settled] = useDebouncedValue(rule, 350);
  const { data } = useReading(project.id, settled, "person", segment);
  return (
    <aside className={styles.beside}>
      <RuleSize project={project.id} rule={rule} segment={segment} />
      {data && !data.problems.length && (
        <div className={styles.says}>
          <h2>{say.saysIt}</h2>
          <p>{pick(data)}</p>
        </div>
      )}
      {data?.micros != null && (
        <div className={styles.says} title={say.costWhat}>
          <h2>{say.cost}</h2>
          <p>{say.costOf(format.number(data.micros, data.micros < 10 ? 2 : 0))}</p>
        </div>
      )}
      <p className={styles.quiet}>{data?.uncounted ? say.uncounted : say.live}</p>
    </aside>
  );
}

function Presets({ onPick }: { onPick: (preset: (typeof PRESETS)[number] | null) => void }) {
  const say = useWords(words);
  const project = useProject();
  const known = useRuleWords(project.id);
  const seen = new Set(known.data?.events.map((event) => event.name));
  return (
    <section>
      <p className={styles.quiet}>{`${say.begin}: ${say.beginHint}`}</p>
      <ul className={styles.presets}>
        <li>
          <button type="button" className={styles.preset} data-blank onClick={() => onPick(null)}>
            <b>{say.untitled}</b>
            <span className={styles.presetSays}>{say.teach}</span>
          </button>
        </li>
        {PRESETS.map((preset) => {
          const missing = known.data ? (preset.needs ?? []).filter((event) => !seen.has(event)) : [];
          return (
            <li key={preset.key}>
              <button type="button" className={styles.preset} onClick={() => onPick(preset)}>
                <b>{say.presets[preset.key].name}</b>
                <span className={styles.presetSays}>{say.presets[preset.key].what}</span>
                {missing.map((event) => (
                  <Mark key={event} tone="waiting">
                    {say.missing(event)}
                  </Mark>
                ))}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
