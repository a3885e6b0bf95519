/** One scene: what to decide, what the site has to send, what it makes; and making it. */

import { Button, CopyButton, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertTriangle, IconCheck, IconCopy } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ApiError, api, ask, type Problem, type Schemas } from "@/api/client";
import { Preview } from "@/messages/Preview";
import { usePreview } from "@/messages/usePreview";
import { Mark } from "@/parts/Mark";
import { Page, Section } from "@/parts/Page";
import { ProblemList } from "@/parts/ProblemList";
import { Failure, SkeletonRows } from "@/parts/states";
import { showFailure, showUndo } from "@/parts/toast";
import { useMay, useProject } from "@/shell/session";
import { words as shared } from "@/words/shared";
import { useLanguage, usePick, useWords } from "@/words/words";
import { words } from "../campaigns/words";
import { defaults, messages, type Parameter, type Recipe, type Value } from "./filled";
import { useRecipe } from "./Recipes";
import styles from "./recipes.module.css";

const PAUSE_MS = 350;

export default function RecipePage() {
  const say = useWords(words).recipes;
  const project = useProject();
  const { recipe = "" } = useParams({ strict: false }) as { recipe?: string };
  const query = useRecipe(recipe);
  const crumbs = [{ label: say.back, to: `/p/${project.id}/recipes` }];
  if (query.data) return <Filling key={recipe} recipe={query.data} />;
  return (
    <Page title={recipe} crumbs={crumbs} wide>
      {query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : <SkeletonRows rows={8} />}
    </Page>
  );
}

function Filling({ recipe }: { recipe: Recipe }) {
  const say = useWords(words).recipes;
  const pick = usePick();
  const language = useLanguage();
  const project = useProject();
  const may = useMay("edit");
  const navigate = useNavigate();
  const client = useQueryClient();
  const [values, setValues] = useState<Record<string, Value>>(() => defaults(recipe));
  const [prefix, setPrefix] = useState("");
  const [busy, setBusy] = useState<"live" | "draft" | null>(null);
  const asked = useMemo(() => ({ parameters: values, prefix }), [values, prefix]);
  const [settled] = useDebouncedValue(asked, PAUSE_MS);
  const path = { params: { path: { project: project.id, recipe: recipe.name } } };
  const plan = useQuery({
    queryKey: ["recipe-plan", project.id, recipe.name, settled],
    queryFn: ({ signal }) =>
      ask(api.POST("/api/projects/{project}/recipes/{recipe}/plan", { ...path, body: { ...settled, state: "draft" }, signal })),
    placeholderData: keepPreviousData,
    retry: false,
    enabled: may,
  });
  const refused = plan.error instanceof ApiError && plan.error.status === 422 ? plan.error.problems : [];
  const clashes = refused.filter((problem) => problem.file.includes("/"));
  const wrong = refused.filter((problem) => !problem.file.includes("/"));
  const shown = messages(recipe, values);
  const [which, setWhich] = useState(0);
  const drawn = usePreview(project.id, shown[Math.min(which, shown.length - 1)] ?? null, { language });
  const install = async (state: "live" | "draft") => {
    setBusy(state);
    try {
      const made = await ask(api.POST("/api/projects/{project}/recipes/{recipe}", { ...path, body: { ...asked, state } }));
      await Promise.all(
        [["campaigns"], ["segments"], ["rule-words"], ["names"], ["document"]].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
      const campaigns = Object.keys(made.sources).flatMap((file) => /^campaigns\/(.+)\.yaml$/.exec(file)?.[1] ?? []);
      showUndo(say.did(pick(recipe.label)), () => takenBack(project.id, made, client));
      await navigate({
        to: campaigns.length === 1 ? `/p/${project.id}/campaigns/${campaigns[0]}` : `/p/${project.id}/campaigns`,
        search: (campaigns.length === 1 ? { step: state === "live" ? "publish" : "message" } : {}) as never,
      });
    } catch (error) {
      showFailure(error);
    } finally {
      setBusy(null);
    }
  };
  const ready = may && !plan.error && plan.data !== undefined && settled === asked;
  return (
    <Page
      title={pick(recipe.label)}
      lead={pick(recipe.description)}
      crumbs={[{ label: say.back, to: `/p/${project.id}/recipes` }]}
      mark={<Mark>{say.scenario(String(recipe.scenario))}</Mark>}
      wide
    >
      <div className={styles.filling}>
        <div>
          <Section title={say.parameters}>
            <div className={styles.parameters}>
              {Object.entries(recipe.parameters ?? {}).map(([name, parameter]) => (
                <Asking
                  key={name}
                  parameter={parameter}
                  value={values[name]}
                  may={may}
                  problem={wrong.find((one) => one.path === name)}
                  onChange={(value) => setValues({ ...values, [name]: value })}
                />
              ))}
            </div>
            <ProblemList problems={wrong.filter((one) => !(one.path in (recipe.parameters ?? {})))} />
          </Section>
          {plan.data && plan.data.missing.length > 0 && (
            <Section title={say.needs}>
              <ul className={styles.needs}>
                {plan.data.missing.map((one) => (
                  <Need key={one.event} need={one} />
                ))}
              </ul>
            </Section>
          )}
          <Section title={say.plan}>
            {clashes.length > 0 || prefix ? (
              <TextInput
                className={styles.prefix}
                label={say.prefix}
                description={say.prefixHelp}
                error={clashes.length > 0 ? say.clash : undefined}
                value={prefix}
                onChange={(event) => setPrefix(event.currentTarget.value)}
              />
            ) : null}
            <ul className={styles.makes}>
              {(plan.data?.changes.changes ?? []).map((change) => (
                <li key={`${change.kind}/${change.id}`}>
                  <Mark>{say.adds[change.kind as keyof typeof say.adds] ?? change.kind}</Mark> <code>{change.id}</code>
                </li>
              ))}
            </ul>
            {plan.error && refused.length === 0 ? <Failure error={plan.error} /> : null}
            {may && (
              <>
                <div className={styles.row}>
                  <Button color="vermilion" disabled={!ready} loading={busy === "draft"} onClick={() => void install("draft")}>
                    {say.asDraft}
                  </Button>
                  <Button variant="default" disabled={!ready} loading={busy === "live"} onClick={() => void install("live")}>
                    {say.live}
                  </Button>
                </div>
                <p className={styles.hint}>{say.asDraftHelp}</p>
              </>
            )}
          </Section>
        </div>
        <aside className={styles.look} aria-label={say.preview}>
          {shown.length > 1 && (
            <div className={styles.row}>
              {shown.map((_, index) => (
                <Button
                  // biome-ignore lint/suspicious/noArrayIndexKey: a recipe's messages never change their order
                  key={index}
                  size="compact-sm"
                  variant={index === which ? "light" : "subtle"}
                  aria-pressed={index === which}
                  onClick={() => setWhich(index)}
                >
                  {String(index + 1)}
                </Button>
              ))}
            </div>
          )}
          <Preview message={drawn.message} device="phone" language={language} site={drawn.site} />
        </aside>
      </div>
    </Page>
  );
}

/** What was made is taken out again; whatever was there before stays. */
async function takenBack(
  project: string,
  made: Schemas["Installation"],
  client: ReturnType<typeof useQueryClient>,
): Promise<void> {
  const folders = ["campaigns", "segments", "events", "tables"] as const;
  const added = made.changes.changes.filter((change) => change.what === "add");
  for (const kind of folders) {
    for (const change of added.filter((one) => `${one.kind}s` === kind)) {
      await ask(
        api.DELETE("/api/projects/{project}/documents/{kind}/{id}", { params: { path: { project, kind, id: change.id } } }),
      );
    }
  }
  await Promise.all([["campaigns"], ["segments"], ["document"]].map((queryKey) => client.invalidateQueries({ queryKey })));
}

function Need({ need }: { need: Schemas["Missing"] }) {
  const say = useWords(words).recipes;
  const { copied: done } = useWords(shared);
  const pick = usePick();
  return (
    <li>
      <IconAlertTriangle size={17} stroke={1.7} aria-hidden />
      <div>
        <b>
          <code>{need.missing.join(", ")}</code>
        </b>{" "}
        <Mark tone="waiting">{say.missing}</Mark>
        <p>{pick(need.why)}</p>
        <pre className={styles.snippet}>{need.snippet}</pre>
        <CopyButton value={need.snippet}>
          {({ copied, copy }) => (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} stroke={1.7} />}
              onClick={copy}
            >
              {copied ? done : say.copySnippet}
            </Button>
          )}
        </CopyButton>
      </div>
    </li>
  );
}

function Asking({
  parameter,
  value,
  may,
  problem,
  onChange,
}: {
  parameter: Parameter;
  value: Value | undefined;
  may: boolean;
  problem: Problem | undefined;
  onChange: (value: Value) => void;
}) {
  const say = useWords(words).recipes;
  const pick = usePick();
  const common = {
    label: pick(parameter.label),
    description: parameter.help ? pick(parameter.help) : undefined,
    error: problem?.message,
    disabled: !may,
  };
  switch (parameter.type) {
    case "number":
      return (
        <NumberInput
          {...common}
          value={typeof value === "number" ? value : ""}
          {...(parameter.min === undefined ? {} : { min: parameter.min })}
          {...(parameter.max === undefined ? {} : { max: parameter.max })}
          onChange={(to) => typeof to === "number" && onChange(to)}
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          allowDeselect={false}
          data={(parameter.choices ?? []).map((one) => ({
            value: one.value,
            label: pick(one.label as { ja: string; en: string }),
          }))}
          value={String(value ?? "")}
          onChange={(to) => to && onChange(to)}
        />
      );
    case "pages":
      return <TagsInput {...common} value={Array.isArray(value) ? value : []} onChange={onChange} splitChars={[",", " "]} />;
    case "words": {
      const both =
        typeof value === "object" && !Array.isArray(value) ? value : { ja: String(value ?? ""), en: String(value ?? "") };
      return (
        <fieldset className={styles.both} aria-label={common.label}>
          <TextInput
            {...common}
            value={both.ja ?? ""}
            aria-label={`${common.label} ${say.japanese}`}
            onChange={(event) => onChange({ ja: event.currentTarget.value, en: both.en ?? "" })}
          />
          <TextInput
            value={both.en ?? ""}
            disabled={!may}
            aria-label={`${common.label} ${say.english}`}
            onChange={(event) => onChange({ ja: both.ja ?? "", en: event.currentTarget.value })}
          />
        </fieldset>
      );
    }
    default:
      return (
        <TextInput
          {...common}
          type={parameter.type === "time" ? "time" : "text"}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
