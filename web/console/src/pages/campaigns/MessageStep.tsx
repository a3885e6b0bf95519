/** What is said: the name, the arms, each arm's template, texts, variables and way of showing, drawn while one writes. */

import { ActionIcon, Button, Group, Modal, SegmentedControl, Select, Tabs, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconExchange, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, useState } from "react";
import { api, ask } from "@/api/client";
import { OnOwnSite } from "@/fitting/OnOwnSite";
import { Gallery, useTemplates } from "@/messages/Gallery";
import { type Device, Preview } from "@/messages/Preview";
import { TemplateForm } from "@/messages/TemplateForm";
import { usePreview } from "@/messages/usePreview";
import { Section } from "@/parts/Page";
import { ProblemList } from "@/parts/ProblemList";
import { SkeletonBlock } from "@/parts/states";
import { showUndo } from "@/parts/toast";
import { WhenSeen } from "@/parts/WhenSeen";
import type { Rule } from "@/rules/tree";
import { useRuleWords } from "@/rules/vocabulary";
import { useMay, useProject } from "@/shell/session";
import { type Language, useLanguage, usePick, useWords } from "@/words/words";
import type { StepProps } from "./Campaign";
import { type Arm, audience, type Campaign, isHoldout, put, shownArms, type Text } from "./campaign";
import styles from "./campaigns.module.css";
import { isRows } from "./variables";
import { words } from "./words";

const DisplayForm = lazy(() => import("./DisplayForm"));
const VariablesForm = lazy(() => import("./VariablesForm"));

export default function MessageStep({ campaign, id, change, problems, may }: StepProps) {
  const say = useWords(words).message;
  const [at, setAt] = useState(0);
  const arms = campaign.actions ?? [];
  const shown = shownArms(campaign);
  const arm = shown[Math.min(at, shown.length - 1)];
  const index = arm ? arms.indexOf(arm) : -1;
  const set = (next: Arm) => change({ ...campaign, actions: arms.map((one, place) => (place === index ? next : one)) });
  const letter = (n: number) => String.fromCharCode(65 + n);
  const add = () => {
    const taken = new Set(arms.map((one) => one.name));
    const name = Array.from({ length: 26 }, (_, n) => letter(n)).find((one) => !taken.has(one)) ?? `${shown.length + 1}`;
    const { id: _, weight: __, ...same } = arm ?? { template: "notification01", texts: {} };
    const before = arms.findIndex(isHoldout);
    const next = [...arms];
    next.splice(before < 0 ? next.length : before, 0, { ...same, name });
    change({ ...campaign, actions: next });
    setAt(shown.length);
  };
  const remove = () => {
    change({ ...campaign, actions: arms.filter((_, place) => place !== index) });
    setAt(0);
    showUndo(say.removedArm(arm?.name ?? ""), () => change(campaign));
  };
  return (
    <>
      <Section title={say.title}>
        <Names campaign={campaign} change={change} may={may} />
      </Section>
      {shown.length > 1 || may ? (
        <div className={styles.arms}>
          <Tabs value={String(Math.min(at, shown.length - 1))} onChange={(to) => setAt(Number(to))}>
            <Tabs.List aria-label={say.arms}>
              {shown.map((one, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two arms may have one name while they are written
                <Tabs.Tab key={place} value={String(place)}>
                  {one.name || letter(place)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </Tabs>
          {may && (
            <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={add}>
              {say.addArm}
            </Button>
          )}
        </div>
      ) : null}
      {arm && (
        <ArmForm
          key={`${index} ${arm.template}`}
          id={id}
          arm={arm}
          index={index}
          campaign={campaign}
          change={set}
          problems={problems}
          may={may}
          remove={shown.length > 1 && may ? remove : undefined}
        />
      )}
      <ProblemList problems={problems.filter((problem) => /^(name|actions$)/.test(problem.path))} />
    </>
  );
}

function Names({ campaign, change, may }: Pick<StepProps, "campaign" | "change" | "may">) {
  const say = useWords(words).fields;
  const both = sides(campaign.name);
  const set = (next: { ja: string; en: string }) =>
    change({ ...campaign, name: next.ja === next.en ? next.ja : { ja: next.ja, en: next.en } } as Campaign);
  return (
    <div className={styles.pair}>
      <TextInput
        label={say.nameJa}
        value={both.ja}
        disabled={!may}
        onChange={(event) => set({ ...both, ja: event.currentTarget.value })}
      />
      <TextInput
        label={say.nameEn}
        value={both.en}
        disabled={!may}
        onChange={(event) => set({ ...both, en: event.currentTarget.value })}
      />
    </div>
  );
}

function sides(name: Text | undefined): { ja: string; en: string } {
  if (typeof name === "object" && name !== null) return { ja: name.ja ?? "", en: name.en ?? "" };
  return { ja: name ?? "", en: name ?? "" };
}

interface ArmProps {
  id: string;
  arm: Arm;
  index: number;
  campaign: Campaign;
  change: (arm: Arm) => void;
  problems: StepProps["problems"];
  may: boolean;
  remove: (() => void) | undefined;
}

function ArmForm({ id, arm, index, campaign, change, problems, may, remove }: ArmProps) {
  const say = useWords(words).message;
  const pick = usePick();
  const project = useProject();
  const reader = useLanguage();
  const templates = useTemplates(project.id);
  const known = useRuleWords(project.id);
  const [choosing, { open, close }] = useDisclosure(false);
  const [device, setDevice] = useState<Device>("phone");
  const [theme, setTheme] = useState<"light" | "dark">("light");
  const [language, setLanguage] = useState<Language>(reader);
  const [person, setPerson] = useState("");
  const form = templates.data?.find((one) => one.name === arm.template);
  const mine = problems
    .filter((problem) => problem.path.startsWith(`actions[${index}].`))
    .map((problem) => ({ ...problem, path: problem.path.slice(`actions[${index}].`.length) }));
  const action = arm.template
    ? {
        template: arm.template,
        ...(arm.texts ? { texts: arm.texts } : {}),
        ...(arm.variables ? { variables: arm.variables } : {}),
        ...(arm.display ? { display: arm.display } : {}),
      }
    : null;
  const drawn = usePreview(project.id, action, { language, event: campaign.trigger?.event ?? "", ...(person ? { person } : {}) });
  const variables = arm.variables ?? {};
  const isDrawn = drawn.message !== null || drawn.problems.length > 0;
  return (
    <div className={styles.writing}>
      <div className={styles.write}>
        <Group align="end" gap="sm" className={styles.armHead}>
          <TextInput
            label={say.armName}
            value={arm.name ?? ""}
            disabled={!may}
            onChange={(event) => change({ ...arm, name: event.currentTarget.value })}
          />
          <div className={styles.template}>
            <span className={styles.fieldLabel}>{templateName(form, arm, pick)}</span>
            {may && (
              <Button variant="default" size="sm" leftSection={<IconExchange size={15} stroke={1.6} />} onClick={open}>
                {say.changeTemplate}
              </Button>
            )}
          </div>
          {remove && (
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={say.removeArm} onClick={remove}>
              <IconTrash size={17} stroke={1.6} />
            </ActionIcon>
          )}
        </Group>
        {form ? (
          <>
            <Section title={say.contents}>
              <TemplateForm
                form={form}
                value={arm.texts ?? {}}
                onChange={(texts) => may && change({ ...arm, texts })}
                problems={mine}
                variables={Object.keys(variables)}
                examples={drawn.values}
                rows={Object.keys(variables).filter((name) => isRows(variables[name]))}
                purposes={known.data?.purposes ?? []}
                onWriting={(writing) => writing !== "both" && setLanguage(writing)}
              />
            </Section>
            <Section title={say.variables}>
              <WhenSeen height={60}>
                <VariablesForm
                  variables={variables}
                  event={campaign.trigger?.event ?? "view"}
                  may={may}
                  examples={drawn.values}
                  onChange={(next) => change(put(arm, "variables", next))}
                />
              </WhenSeen>
              <ProblemList problems={mine.filter((problem) => problem.path.startsWith("variables"))} />
            </Section>
            {form.kind !== "script" && (
              <Section title={say.display}>
                <WhenSeen height={240}>
                  <DisplayForm
                    kind={form.kind}
                    usual={form.display}
                    display={arm.display ?? {}}
                    may={may}
                    onChange={(next) => change(put(arm, "display", next))}
                  />
                </WhenSeen>
                <ProblemList problems={mine.filter((problem) => problem.path.startsWith("display"))} />
              </Section>
            )}
          </>
        ) : (
          <SkeletonBlock height={240} />
        )}
        <ProblemList problems={mine.filter((problem) => /^(template|name|id)/.test(problem.path))} />
      </div>
      <div className={styles.watch}>
        <div className={styles.controls}>
          <SegmentedControl
            size="xs"
            aria-label={say.device}
            value={device}
            onChange={(to) => setDevice(to as Device)}
            data={[
              { value: "phone", label: say.phone },
              { value: "desktop", label: say.desktop },
            ]}
          />
          <Select
            size="xs"
            aria-label={say.language}
            value={language}
            allowDeselect={false}
            onChange={(to) => to && setLanguage(to as Language)}
            data={LANGUAGES}
          />
          <SegmentedControl
            size="xs"
            aria-label={say.look}
            value={theme}
            onChange={(to) => setTheme(to as "light" | "dark")}
            data={[
              { value: "light", label: say.light },
              { value: "dark", label: say.dark },
            ]}
          />
        </div>
        {Object.keys(variables).length > 0 && isDrawn && <Whose campaign={campaign} person={person} onPick={setPerson} />}
        {may && (
          <OnOwnSite
            campaign={id}
            site={drawn.site}
            drawing={action && { action, event: campaign.trigger?.event ?? "", ...(person ? { values: drawn.values } : {}) }}
          />
        )}
        <Preview message={drawn.message} device={device} language={language} theme={theme} site={drawn.site} />
        {drawn.message === null && drawn.problems.length > 0 && <p className={styles.hint}>{say.needsPreview}</p>}
      </div>
      <Modal opened={choosing} onClose={close} title={say.pick} size="80rem">
        <Gallery
          project={project.id}
          chosen={arm.template ?? ""}
          onPick={(template) => {
            const asked = templates.data?.find((one) => one.name === template)?.questions.map((one) => one.name) ?? [];
            const texts = Object.fromEntries(Object.entries(arm.texts ?? {}).filter(([name]) => asked.includes(name)));
            change({ ...arm, template, texts, display: undefined } as Arm);
            close();
          }}
        />
      </Modal>
    </div>
  );
}

/** Whose values the texts show: made-up ones, or those of somebody in the audience; of anybody while nobody is in it. */
function Whose({ campaign, person, onPick }: { campaign: Campaign; person: string; onPick: (person: string) => void }) {
  const say = useWords(words).message;
  const project = useProject();
  const may = useMay("people");
  const rule = audience(campaign);
  const query = useQuery({
    queryKey: ["rule-examples", project.id, "or anybody", rule],
    queryFn: async ({ signal }) => {
      const of = (asked: Rule) =>
        ask(
          api.POST("/api/projects/{project}/rules/examples", {
            params: { path: { project: project.id } },
            body: { rule: asked ?? [], segment: "", asker: "" },
            signal,
          }),
        );
      const found = await of(rule);
      return found.people.length ? found : of([]);
    },
    enabled: may,
    retry: false,
    staleTime: 60_000,
  });
  const people = query.data?.people ?? [];
  if (people.length === 0) return null;
  return (
    <Select
      size="xs"
      my="xs"
      label={say.whose}
      value={person}
      allowDeselect={false}
      onChange={(to) => onPick(to ?? "")}
      data={[
        { value: "", label: say.madeUp },
        ...people.map((one) => ({ value: one.person, label: one.name || one.user_id || one.person.slice(0, 8) })),
      ]}
    />
  );
}

const LANGUAGES = [
  { value: "ja", label: "日本語" },
  { value: "en", label: "English" },
];

function templateName(
  form: { label: { [key: string]: string } } | undefined,
  arm: Arm,
  pick: (name: { ja: string; en: string }) => string,
): string {
  return form ? pick({ ja: form.label.ja ?? arm.template ?? "", en: form.label.en ?? arm.template ?? "" }) : (arm.template ?? "");
}
