/** The look of all messages: every token, whether it can be read, and several templates wearing it at once. */

import { ActionIcon, Button, ColorInput, SegmentedControl, Slider, TextInput, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertTriangle, IconArrowBackUp, IconCheck, IconQuestionMark } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { document as documentOf, readDocument } from "@/api/asked";
import { ApiError, api, ask, type Problem, type Schemas } from "@/api/client";
import { MessageFrame } from "@/messages/MessageFrame";
import type { Device } from "@/messages/Preview";
import { usePreview } from "@/messages/usePreview";
import { words as messages } from "@/messages/words";
import { Section } from "@/parts/Page";
import { ProblemList } from "@/parts/ProblemList";
import { Loaded } from "@/parts/states";
import { showDone, showFailure, showUndo } from "@/parts/toast";
import { UnsavedGuard } from "@/parts/unsaved";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useLanguage, useWords } from "@/words/words";
import { SettingsPage } from "../settings/SettingsPage";
import styles from "./Theme.module.css";
import { words } from "./words";

type Look = Schemas["ThemeLook"];
type Told = Schemas["Document"];
type Theme = Record<string, unknown> & { dark?: Record<string, unknown> };
type Scheme = "light" | "dark";

const LETTERS = "Aa あ";
const COLOURS = ["accent", "on_accent", "paper", "ink", "muted", "line"] as const;
const SHOWN = ["modal", "notification02", "survey", "bottom_bar", "coupon", "slide_in"] as const;
const token = (field: string) => field.replace("_", "-");

export default function ThemePage() {
  const project = useProject();
  const query = useQuery(documentOf(project.id, "project", project.id));
  const say = useWords(words);
  return (
    <SettingsPage at="theme" lead={say.lead} wide>
      <Loaded query={query}>{(told) => <Workbench key={told.version} told={told} />}</Loaded>
    </SettingsPage>
  );
}

function Workbench({ told }: { told: Told }) {
  const project = useProject();
  const may = useMay("edit");
  const say = useWords(words);
  const { preview } = useWords(messages);
  const client = useQueryClient();
  const before = useMemo(() => ((told.document as { theme?: Theme } | null)?.theme ?? {}) as Theme, [told]);
  const [theme, setTheme] = useState<Theme>(before);
  const [scheme, setScheme] = useState<Scheme>("light");
  const [device, setDevice] = useState<Device>("phone");
  const [refused, setRefused] = useState<readonly Problem[]>([]);
  const dirty = JSON.stringify(theme) !== JSON.stringify(before);
  const look = useLook(project.id, theme);

  const path = { project: project.id, kind: "project", id: project.id } as const;
  const put = async (to: Theme, from: Told, comment: string) => {
    const { theme: _, ...others } = from.document as Record<string, unknown>;
    const document = Object.keys(to).length ? { ...others, theme: to } : others;
    const draft = await ask(
      api.PUT("/api/projects/{project}/drafts/{kind}/{id}", {
        params: { path },
        body: { document, revision: from.draft?.revision ?? 0, base_version: from.version, base: from.document },
      }),
    );
    if (draft.problems.length) throw new ApiError(422, "bad_configuration", "", "", draft.problems as Problem[]);
    const drafts = { drafts: [{ kind: "project" as const, id: project.id, revision: draft.revision }], comment };
    try {
      await ask(api.POST("/api/projects/{project}/publish", { params: { path: { project: project.id } }, body: drafts }));
      return "published";
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "needs_approval")) throw error;
      await ask(api.POST("/api/projects/{project}/submit", { params: { path: { project: project.id } }, body: drafts }));
      return "submitted";
    }
  };
  const refresh = () =>
    Promise.all(
      [["document"], ["template-sample"], ["preview"], ["theme"]].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
  const save = useMutation({
    mutationFn: () => put(theme, told, ""),
    onMutate: () => setRefused([]),
    onSuccess: async (how) => {
      await refresh();
      if (how === "submitted") showDone(say.submitted);
      else
        showUndo(say.saved, async () => {
          const now = await readDocument(project.id, "project", project.id);
          await put(before, now, say.takenBack);
          await refresh();
        });
    },
    onError: (error) => {
      if (error instanceof ApiError && error.problems.length) setRefused(error.problems);
      else showFailure(error);
    },
  });
  const problems = refused.length ? refused : (look?.problems ?? []);
  const low = look?.contrasts.filter((one) => !one.readable).length ?? 0;
  return (
    <div className={styles.bench}>
      <UnsavedGuard dirty={dirty && !save.isPending} />
      <div>
        <Section
          title={say.colours}
          aside={
            <SegmentedControl
              size="xs"
              value={scheme}
              onChange={(to) => setScheme(to as Scheme)}
              data={(["light", "dark"] as const).map((one) => ({ value: one, label: say[one] }))}
            />
          }
        >
          {scheme === "dark" && <p className={styles.note}>{say.darkAuto}</p>}
          <Colours theme={theme} scheme={scheme} look={look} onChange={setTheme} readOnly={!may} />
        </Section>
        <Section title={say.contrast}>
          <Contrasts look={look} scheme={scheme} />
          {low > 0 && (
            <p className={styles.low} role="status">
              <IconAlertTriangle size={16} stroke={1.8} aria-hidden /> {say.low(low)}
            </p>
          )}
        </Section>
        <Section title={say.shape}>
          <Shape theme={theme} look={look} onChange={setTheme} readOnly={!may} />
        </Section>
        <ProblemList problems={problems} />
        <div className={styles.save}>
          {may ? (
            <Button
              color="vermilion"
              disabled={!dirty || (look?.problems.length ?? 0) > 0}
              loading={save.isPending}
              onClick={() => save.mutate()}
            >
              {say.publish}
            </Button>
          ) : (
            <p className="muted">{say.readOnly}</p>
          )}
        </div>
      </div>
      <section className={styles.beside} aria-label={say.see}>
        <div className={styles.views}>
          <SegmentedControl
            size="xs"
            aria-label={say.device}
            value={device}
            onChange={(to) => setDevice(to as Device)}
            data={(["phone", "desktop"] as const).map((one) => ({ value: one, label: preview[one] }))}
          />
        </div>
        <div className={styles.wearers} data-device={device}>
          {SHOWN.map((name) => (
            <Wearer key={name} project={project.id} template={name} theme={theme} scheme={scheme} device={device} />
          ))}
        </div>
      </section>
    </div>
  );
}

/** Every token worked out, a moment after each change. */
function useLook(project: string, theme: Theme): Look | undefined {
  const [settled] = useDebouncedValue(JSON.stringify(theme), 60);
  return useQuery({
    queryKey: ["theme", project, settled],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/theme", {
          params: { path: { project } },
          body: { theme: JSON.parse(settled) as Theme },
          signal,
        }),
      ),
  }).data;
}

interface PartProps {
  theme: Theme;
  look: Look | undefined;
  onChange: (theme: Theme) => void;
  readOnly: boolean;
}

/** The theme with one token said, or no longer said. */
function said(theme: Theme, scheme: Scheme, field: string, value: unknown): Theme {
  const part = scheme === "dark" ? (theme.dark ?? {}) : theme;
  const { [field]: _, ...rest } = part;
  const next = value === undefined || value === "" ? rest : { ...part, [field]: value };
  if (scheme === "light") return next;
  const { dark: __, ...others } = theme;
  return Object.keys(next).length ? { ...others, dark: next } : others;
}

function Colours({ theme, scheme, look, onChange, readOnly }: PartProps & { scheme: Scheme }) {
  const say = useWords(words);
  const part: Record<string, unknown> = scheme === "dark" ? (theme.dark ?? {}) : theme;
  const worked = look?.[scheme] ?? {};
  const { dropper } = useWords(messages).form;
  return (
    <div className={styles.colours}>
      {COLOURS.map((field) => (
        <div className={styles.colour} key={field}>
          <ColorInput
            label={say.tokens[field]}
            value={String(part[field] ?? "")}
            placeholder={worked[token(field)] ?? say.usual}
            fixOnBlur={false}
            eyeDropperButtonProps={{ "aria-label": dropper }}
            readOnly={readOnly}
            popoverProps={{ shadow: "none" }}
            leftSection={
              <i
                className={styles.swatch}
                ref={(dot) => dot?.style.setProperty("--colour", String(part[field] ?? worked[token(field)] ?? "transparent"))}
              />
            }
            onChange={(value) => onChange(said(theme, scheme, field, value))}
          />
          {part[field] !== undefined && !readOnly && (
            <Tooltip label={say.reset(say.tokens[field])}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={say.reset(say.tokens[field])}
                onClick={() => onChange(said(theme, scheme, field, undefined))}
              >
                <IconArrowBackUp size={16} stroke={1.6} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
      ))}
    </div>
  );
}

function Contrasts({ look, scheme }: { look: Look | undefined; scheme: Scheme }) {
  const say = useWords(words);
  const { number } = useFormats();
  if (!look) return null;
  const pairs: Readonly<Record<string, string>> = say.pairs;
  return (
    <ul className={styles.contrasts}>
      {look.contrasts
        .filter((one) => one.scheme === scheme)
        .map((one) => (
          <li key={`${one.words}/${one.on}`} data-readable={one.readable}>
            <span
              className={styles.chip}
              aria-hidden
              ref={(chip) => {
                chip?.style.setProperty("--words", look[scheme][one.words] ?? "");
                chip?.style.setProperty("--on", look[scheme][one.on] ?? "");
              }}
            >
              {LETTERS}
            </span>
            <span>{pairs[one.words] ?? `${one.words} / ${one.on}`}</span>
            <b>{one.ratio === null ? "–" : say.ratio(number(one.ratio, 1))}</b>
            <span className={styles.judged}>
              {one.ratio === null ? (
                <>
                  <IconQuestionMark size={14} stroke={1.8} aria-hidden /> {say.unknown}
                </>
              ) : one.readable ? (
                <>
                  <IconCheck size={14} stroke={2} aria-hidden /> {say.readable}
                </>
              ) : (
                <>
                  <IconAlertTriangle size={14} stroke={1.8} aria-hidden /> {say.tooLow}
                </>
              )}
            </span>
          </li>
        ))}
    </ul>
  );
}

function Shape({ theme, look, onChange, readOnly }: PartProps) {
  const say = useWords(words);
  return (
    <div className={styles.shape}>
      <div>
        <div className={styles.label}>
          <span id="radius">{say.radius}</span> <b>{say.px(look?.radius ?? 12)}</b>
        </div>
        <Slider
          min={0}
          max={32}
          value={typeof theme.radius === "number" ? theme.radius : (look?.radius ?? 12)}
          thumbLabel={say.radius}
          label={null}
          disabled={readOnly}
          onChange={(value) => onChange(said(theme, "light", "radius", value))}
        />
      </div>
      <TextInput
        label={say.font}
        description={say.fontHelp}
        value={String(theme.font ?? "")}
        placeholder={look?.font}
        readOnly={readOnly}
        onChange={(event) => onChange(said(theme, "light", "font", event.currentTarget.value))}
      />
      <TextInput
        label={say.shadow}
        value={String(theme.shadow ?? "")}
        placeholder={look?.light.shadow}
        readOnly={readOnly}
        onChange={(event) => onChange(said(theme, "light", "shadow", event.currentTarget.value))}
      />
    </div>
  );
}

const SIZES = { phone: { width: 375, height: 560 }, desktop: { width: 680, height: 440 } } as const;

function Wearer({
  project,
  template,
  theme,
  scheme,
  device,
}: {
  project: string;
  template: string;
  theme: Theme;
  scheme: Scheme;
  device: Device;
}) {
  const language = useLanguage();
  const { frame } = useWords(messages).preview;
  const action = useMemo(() => ({ template, texts: {} }), [template]);
  const { message } = usePreview(project, action, { language, theme });
  return (
    <div className={styles.wearer} data-template={template} data-scheme={scheme}>
      {message && (
        <MessageFrame
          draw={message}
          language={language}
          theme={scheme}
          site=""
          still
          title={`${frame}: ${template}`}
          inert
          {...SIZES[device]}
        />
      )}
    </div>
  );
}
