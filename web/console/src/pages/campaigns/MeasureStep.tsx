/** How the people are divided, and what counts as success. */

import { Autocomplete, Button, Group, NumberInput, SegmentedControl } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Section } from "@/parts/Page";
import { RuleBuilder } from "@/rules/LateRuleBuilder";
import { useFields } from "@/rules/vocabulary";
import { useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import type { StepProps } from "./Campaign";
import { type Arm, type Campaign, isHoldout, percent, put, share } from "./campaign";
import styles from "./campaigns.module.css";
import { EventPick } from "./EventPick";
import { FieldProblems } from "./FieldProblems";
import { words } from "./words";

export default function MeasureStep({ campaign, change, problems, may }: StepProps) {
  const say = useWords(words).measure;
  const arms = campaign.actions ?? [];
  const total = arms.reduce((sum, arm) => sum + (share(isHoldout(arm) ? arm.holdout : arm.weight) ?? 0), 0);
  const set = (index: number, arm: Arm) => change({ ...campaign, actions: arms.map((one, at) => (at === index ? arm : one)) });
  const holdout = arms.findIndex(isHoldout);
  return (
    <>
      <Section title={say.title}>
        <h3 className={styles.small}>{say.arms}</h3>
        <div className={styles.shares}>
          {arms.map((arm, index) =>
            isHoldout(arm) ? null : (
              <NumberInput
                // biome-ignore lint/suspicious/noArrayIndexKey: two arms may have one name while they are written
                key={index}
                label={arm.name || `${index + 1}`}
                placeholder={say.rest}
                suffix=" %"
                min={0}
                max={100}
                decimalScale={1}
                value={share(arm.weight) ?? ""}
                disabled={!may}
                onChange={(to) => set(index, put(arm, "weight", typeof to === "number" ? percent(to) : undefined))}
              />
            ),
          )}
          {holdout >= 0 && (
            <NumberInput
              label={say.holdout}
              suffix=" %"
              min={0}
              max={100}
              decimalScale={1}
              value={share(arms[holdout]?.holdout) ?? 0}
              disabled={!may}
              onChange={(to) => {
                if (to === 0 || to === "") change({ ...campaign, actions: arms.filter((_, at) => at !== holdout) });
                else if (typeof to === "number") set(holdout, { ...arms[holdout], holdout: percent(to) });
              }}
            />
          )}
        </div>
        <Bar arms={arms} />
        <p className={styles.hint}>
          {say.armsHelp} {total > 0 && say.total(percent(total))}
        </p>
        {holdout < 0 && may && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            onClick={() => change({ ...campaign, actions: [...arms, { holdout: "10%" }] })}
          >
            {say.addHoldout}
          </Button>
        )}
        <p className={styles.hint}>{say.holdoutHelp}</p>
        <FieldProblems problems={problems} at={/^actions($|\[\d+\]\.(weight|holdout))/} />
      </Section>
      <Section title={say.goal}>
        <Goal campaign={campaign} change={change} may={may} />
        <FieldProblems problems={problems} at={/^goal/} />
      </Section>
    </>
  );
}

/** The shares as one bar: who sees what. */
function Bar({ arms }: { arms: readonly Arm[] }) {
  const given = arms.map((arm) => share(isHoldout(arm) ? arm.holdout : arm.weight));
  const left = Math.max(0, 100 - given.reduce<number>((sum, one) => sum + (one ?? 0), 0));
  const open = given.filter((one) => one === undefined).length;
  return (
    <div className={styles.bar} aria-hidden>
      {arms.map((arm, index) => {
        const width = given[index] ?? (open ? left / open : 0);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two arms may have one name while they are written
          <span key={index} data-holdout={isHoldout(arm) || undefined} style={{ flexGrow: width }}>
            {width >= 8 ? percent(width) : ""}
          </span>
        );
      })}
    </div>
  );
}

function Goal({ campaign, change, may }: Pick<StepProps, "campaign" | "change" | "may">) {
  const say = useWords(words).measure;
  const project = useProject();
  const goal = campaign.goal;
  const fields = useFields(project.id, goal?.event);
  if (!goal)
    return (
      <div className={styles.none}>
        <p>{say.goalNone}</p>
        {may && (
          <Button variant="light" onClick={() => change({ ...campaign, goal: { event: "buy", within: "7 days" } })}>
            {say.addGoal}
          </Button>
        )}
      </div>
    );
  const set = (next: NonNullable<Campaign["goal"]>) => change({ ...campaign, goal: next });
  const [amount = "1", unit = "session"] = goal.within && goal.within !== "session" ? goal.within.split(" ") : ["1", "session"];
  const kind = unit.startsWith("hour") ? "hours" : unit.startsWith("day") ? "days" : "session";
  const within = (n: number, of: string) => (of === "session" ? "session" : `${n} ${n === 1 ? of.slice(0, -1) : of}`);
  return (
    <>
      <EventPick
        project={project.id}
        label={say.event}
        value={goal.event}
        disabled={!may}
        onChange={(event) => set({ ...goal, event })}
      />
      <div className={styles.block}>
        <h3 className={styles.small}>{say.within}</h3>
        <Group gap="sm" align="center">
          {kind !== "session" && (
            <NumberInput
              className={styles.amount}
              aria-label={say.amount}
              min={1}
              max={9999}
              value={Number(amount)}
              disabled={!may}
              onChange={(to) => typeof to === "number" && to > 0 && set({ ...goal, within: within(to, kind) })}
            />
          )}
          <SegmentedControl
            aria-label={say.within}
            value={kind}
            disabled={!may}
            onChange={(to) => set(put(goal, "within", within(kind === "session" ? 7 : Number(amount), to)))}
            data={[
              { value: "session", label: say.session },
              { value: "hours", label: say.hours },
              { value: "days", label: say.days },
            ]}
          />
        </Group>
      </div>
      <Autocomplete
        className={styles.block}
        label={say.value}
        description={say.valueHelp}
        data={(fields.data ?? []).filter((field) => field.kinds.includes("number")).map((field) => field.path)}
        value={goal.value ?? ""}
        disabled={!may}
        onChange={(to) => set(put(goal, "value", to))}
      />
      <div className={styles.block}>
        <h3 className={styles.small}>{say.where}</h3>
        <RuleBuilder
          project={project.id}
          scope="event"
          event={goal.event}
          value={goal.where ?? []}
          onChange={(to) => set(put(goal, "where", Array.isArray(to) && to.length === 0 ? undefined : to))}
        />
      </div>
      {may && (
        <Button
          className={styles.adding}
          variant="subtle"
          color="gray"
          size="compact-sm"
          onClick={() => change(put(campaign, "goal", undefined))}
        >
          {say.removeGoal}
        </Button>
      )}
    </>
  );
}
