/** When and where it shows: the event that asks, the pages, the dates. */

import { ActionIcon, Button, Chip, Group, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { Section } from "@/parts/Page";
import { RuleBuilder } from "@/rules/LateRuleBuilder";
import { PagePatterns } from "@/rules/PagePatterns";
import { useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import type { StepProps } from "./Campaign";
import { type Campaign, type Hours, put } from "./campaign";
import styles from "./campaigns.module.css";
import { EventPick } from "./EventPick";
import { FieldProblems } from "./FieldProblems";
import { words } from "./words";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export default function MomentStep({ campaign, change, problems, may }: StepProps) {
  const say = useWords(words).moment;
  const project = useProject();
  const trigger = campaign.trigger ?? { event: "view" };
  const where = trigger.where;
  const setTrigger = (next: Campaign["trigger"]) => change({ ...campaign, trigger: next });
  return (
    <>
      <Section title={say.title}>
        <EventPick
          project={project.id}
          label={say.trigger}
          description={say.triggerSays}
          value={trigger.event}
          disabled={!may}
          onChange={(event) => setTrigger({ ...trigger, event })}
        />
        {where === undefined ? (
          may && (
            <Button
              className={styles.adding}
              variant="subtle"
              size="compact-sm"
              leftSection={<IconPlus size={14} />}
              onClick={() => setTrigger({ ...trigger, where: [] })}
            >
              {say.addWhere}
            </Button>
          )
        ) : (
          <div className={styles.block}>
            <h3>{say.where}</h3>
            <RuleBuilder
              project={project.id}
              scope="event"
              event={trigger.event}
              value={where}
              onChange={(to) => setTrigger(put(trigger, "where", Array.isArray(to) && to.length === 0 ? undefined : to))}
            />
          </div>
        )}
        <FieldProblems problems={problems} at={/^trigger/} />
      </Section>
      <Section title={say.pages}>
        {(["include", "exclude"] as const).map((which) => (
          <PagePatterns
            key={which}
            project={project.id}
            label={say[which]}
            none={which === "include" ? say.anyPage : say.noPage}
            value={campaign.pages?.[which] ?? []}
            onChange={(to) => change(put(campaign, "pages", put(campaign.pages ?? {}, which, to)))}
            may={may}
          />
        ))}
        <p className={styles.hint}>{say.pagesHelp}</p>
        <FieldProblems problems={problems} at={/^pages/} />
      </Section>
      <Section title={say.schedule}>
        <Schedule campaign={campaign} change={change} may={may} />
        <FieldProblems problems={problems} at={/^schedule/} />
      </Section>
    </>
  );
}

type PartProps = Pick<StepProps, "campaign" | "change" | "may">;

function Schedule({ campaign, change, may }: PartProps) {
  const say = useWords(words).moment;
  const project = useProject();
  const schedule = campaign.schedule ?? {};
  const hours = schedule.hours ?? [];
  const set = (next: NonNullable<Campaign["schedule"]>) => change(put(campaign, "schedule", next));
  const setHours = (next: Hours[]) => set(put(schedule, "hours", next));
  const edit = (index: number, next: Hours) => setHours(hours.map((one, at) => (at === index ? next : one)));
  return (
    <>
      <Group align="end" gap="md">
        {(["start", "end"] as const).map((side) => {
          const [day = "", time = ""] = (schedule[side] ?? "").split("T");
          return (
            <Group key={side} gap={6} align="end">
              <TextInput
                type="date"
                label={say[side]}
                value={day}
                disabled={!may}
                onChange={(event) => {
                  const to = event.currentTarget.value;
                  set(put(schedule, side, to ? (time ? `${to}T${time}` : to) : undefined));
                }}
              />
              <TextInput
                type="time"
                aria-label={`${say[side]} ${say.hours}`}
                value={time}
                disabled={!may || !day}
                onChange={(event) => {
                  const to = event.currentTarget.value;
                  set(put(schedule, side, to ? `${day}T${to}` : day));
                }}
              />
            </Group>
          );
        })}
      </Group>
      <p className={styles.hint}>{say.zone(project.time_zone)}</p>
      <h3 className={styles.small}>{say.hours}</h3>
      {hours.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: hours have nothing but their place
        <Group key={index} gap="sm" align="end" className={styles.hours}>
          <TextInput
            type="time"
            label={say.from}
            value={part.from}
            disabled={!may}
            onChange={(event) => edit(index, { ...part, from: event.currentTarget.value })}
          />
          <TextInput
            type="time"
            label={say.to}
            value={part.to}
            disabled={!may}
            onChange={(event) => edit(index, { ...part, to: event.currentTarget.value })}
          />
          <Chip.Group multiple value={part.days ?? []} onChange={(days) => edit(index, put(part, "days", days))}>
            <Group gap={4}>
              {DAYS.map((day) => (
                <Chip key={day} value={day} size="xs" radius="sm" disabled={!may}>
                  {say.days[day]}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          {may && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={say.removeHours}
              onClick={() => setHours(hours.filter((_, at) => at !== index))}
            >
              <IconX size={16} stroke={1.6} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {may && (
        <Button
          className={styles.adding}
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => setHours([...hours, { from: "09:00", to: "18:00" }])}
        >
          {say.addHours}
        </Button>
      )}
      {hours.length > 0 && <p className={styles.hint}>{say.everyDay}</p>}
    </>
  );
}
