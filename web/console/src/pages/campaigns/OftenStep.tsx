/** How often one person sees it, when it ends for them, and who comes first when several want to speak. */

import { Checkbox, NumberInput, Select, Switch } from "@mantine/core";
import { Section } from "@/parts/Page";
import { useRuleWords } from "@/rules/vocabulary";
import { useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import type { StepProps } from "./Campaign";
import { Choices } from "./Choices";
import { put } from "./campaign";
import styles from "./campaigns.module.css";
import { FieldProblems } from "./FieldProblems";
import { words } from "./words";

const LIMITS = ["shown", "shown_per_day", "closed", "closed_per_day", "clicked", "clicked_per_day"] as const;

export default function OftenStep({ campaign, change, problems, may }: StepProps) {
  const say = useWords(words).often;
  const project = useProject();
  const known = useRuleWords(project.id);
  const frequency = campaign.frequency ?? "session";
  const days = /^every (\d+)/.exec(frequency)?.[1];
  const stop = campaign.stop ?? {};
  const setStop = (name: string, value: number | boolean | undefined) => {
    const next = { ...stop };
    if (value === undefined || value === false) delete next[name];
    else next[name] = value;
    change(put(campaign, "stop", next));
  };
  const every = (n: number) => `every ${n} day${n === 1 ? "" : "s"}`;
  return (
    <>
      <Section title={say.title}>
        <Choices
          label={say.frequency}
          value={days ? "days" : frequency}
          disabled={!may}
          onChange={(to) => change(put(campaign, "frequency", to === "days" ? every(7) : to === "session" ? undefined : to))}
          choices={[
            { value: "access", label: say.access, says: say.accessSays, example: say.accessExample },
            { value: "session", label: say.session, says: say.sessionSays, example: say.sessionExample },
            {
              value: "days",
              label: say.days,
              says: say.daysSays(days ?? "7"),
              example: say.daysExample,
              more: (
                <NumberInput
                  className={styles.narrow}
                  label={say.everyDays}
                  min={1}
                  max={999}
                  value={Number(days ?? 7)}
                  disabled={!may}
                  onChange={(to) => typeof to === "number" && to > 0 && change({ ...campaign, frequency: every(to) })}
                />
              ),
            },
            { value: "user", label: say.user, says: say.userSays, example: say.userExample },
          ]}
        />
        <FieldProblems problems={problems} at={/^frequency/} />
      </Section>
      <Section title={say.stop} aside={say.stopHelp}>
        <div className={styles.limits}>
          {LIMITS.map((name) => (
            <NumberInput
              key={name}
              label={say.stops[name]}
              min={1}
              value={typeof stop[name] === "number" ? (stop[name] as number) : ""}
              placeholder="–"
              disabled={!may}
              onChange={(to) => setStop(name, typeof to === "number" ? to : undefined)}
            />
          ))}
        </div>
        <div className={styles.checks}>
          <Checkbox
            label={say.answered}
            checked={stop.answered === true}
            disabled={!may}
            onChange={(event) => setStop("answered", event.currentTarget.checked)}
          />
          <Checkbox
            label={say.goal}
            checked={stop.goal === true}
            disabled={!may}
            onChange={(event) => setStop("goal", event.currentTarget.checked)}
          />
        </div>
        <FieldProblems problems={problems} at={/^stop/} />
      </Section>
      <Section title={say.together}>
        <Switch
          label={say.exclusive}
          description={say.exclusiveHelp}
          checked={campaign.exclusive !== false}
          disabled={!may}
          onChange={(event) => change(put(campaign, "exclusive", event.currentTarget.checked ? undefined : false))}
        />
        <div className={styles.pair}>
          <NumberInput
            label={say.priority}
            description={say.priorityHelp}
            min={0}
            value={campaign.priority ?? 100}
            disabled={!may}
            onChange={(to) => typeof to === "number" && change({ ...campaign, priority: to })}
          />
          <Select
            label={say.consent}
            description={say.consentHelp}
            data={[
              { value: "", label: say.consentNone },
              ...(known.data?.purposes ?? []).map((one) => ({ value: one, label: one })),
            ]}
            value={campaign.consent ?? ""}
            disabled={!may}
            allowDeselect={false}
            onChange={(to) => change(put(campaign, "consent", to ?? ""))}
          />
          <Select
            label={say.asks}
            description={say.asksHelp}
            data={[
              { value: "", label: say.asksNone },
              ...(known.data?.purposes ?? []).map((one) => ({ value: one, label: one })),
            ]}
            value={campaign.asks ?? ""}
            disabled={!may}
            allowDeselect={false}
            onChange={(to) => change(put(campaign, "asks", to ?? ""))}
          />
        </div>
        <FieldProblems problems={problems} at={/^(priority|exclusive|consent|asks)/} />
      </Section>
    </>
  );
}
