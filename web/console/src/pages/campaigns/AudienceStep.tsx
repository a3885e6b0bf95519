/** Whom the campaign is for. */

import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { segments as allSegments, segmentSizes } from "@/api/asked";
import { Section } from "@/parts/Page";
import { RuleBuilder } from "@/rules/LateRuleBuilder";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useLanguage, useWords } from "@/words/words";
import type { StepProps } from "./Campaign";
import { Choices } from "./Choices";
import { put, type Who } from "./campaign";
import styles from "./campaigns.module.css";
import { FieldProblems } from "./FieldProblems";
import { words } from "./words";

const WHO: readonly Who[] = ["everyone", "members", "visitors"];

export default function AudienceStep({ campaign, change, problems, may }: StepProps) {
  const say = useWords(words).audience;
  const language = useLanguage();
  const project = useProject();
  const format = useFormats();
  const segments = useQuery(allSegments(project.id));
  const sizes = useQuery({ ...segmentSizes(project.id), staleTime: 30_000 });
  const people = new Map((sizes.data?.segments ?? []).map((one) => [one.segment, one.people]));
  const known = (segments.data ?? []).map((one) => ({ value: one.id, label: one[language] || one.id }));
  const named = [...(campaign.include ?? []), ...(campaign.exclude ?? [])].filter((id) => !known.some((one) => one.value === id));
  const data = [...known, ...new Set(named)].map((one) => (typeof one === "string" ? { value: one, label: one } : one));
  const option = ({ option: { value, label } }: { option: { value: string; label: string } }) => (
    <span className={styles.option}>
      <span>{label}</span>
      <small>{people.has(value) ? format.number(people.get(value) ?? 0) : ""}</small>
    </span>
  );
  const rule = campaign.rule ?? [];
  return (
    <>
      <Section title={say.title}>
        <Choices
          label={say.who}
          value={campaign.who ?? "everyone"}
          disabled={!may}
          onChange={(to) => change(put(campaign, "who", to === "everyone" ? undefined : (to as Who)))}
          choices={WHO.map((one) => ({ value: one, label: say[one], says: say[`${one}Says`], example: say[`${one}Example`] }))}
        />
        <div className={styles.pair}>
          <MultiSelect
            label={say.include}
            placeholder={campaign.include?.length ? "" : say.pick}
            data={data}
            value={campaign.include ?? []}
            onChange={(to) => change(put(campaign, "include", to))}
            renderOption={option}
            disabled={!may}
            searchable
            hidePickedOptions
          />
          <MultiSelect
            label={say.exclude}
            placeholder={campaign.exclude?.length ? "" : say.pick}
            data={data}
            value={campaign.exclude ?? []}
            onChange={(to) => change(put(campaign, "exclude", to))}
            renderOption={option}
            disabled={!may}
            searchable
            hidePickedOptions
          />
        </div>
        <FieldProblems problems={problems} at={/^(include|exclude|who)/} />
      </Section>
      <Section title={say.rule}>
        <RuleBuilder
          project={project.id}
          value={rule}
          onChange={(to) => change(put(campaign, "rule", Array.isArray(to) && to.length === 0 ? undefined : to))}
        />
        <p className={styles.hint}>{say.loggedIn}</p>
        <FieldProblems problems={problems} at={/^rule/} />
      </Section>
    </>
  );
}
