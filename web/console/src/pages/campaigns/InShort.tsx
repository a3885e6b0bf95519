/** The campaign in a few plain lines, and how many people it is for: always beside what is being written. */

import { useQuery } from "@tanstack/react-query";
import { names as namesOf } from "@/api/asked";
import { RuleSentence } from "@/rules/RuleSentence";
import { RuleSize } from "@/rules/RuleSize";
import { useFormats } from "@/words/format";
import { useLanguage, usePick, useWords } from "@/words/words";
import { audience, type Campaign, isHoldout, share, shownArms } from "./campaign";
import styles from "./campaigns.module.css";
import { words } from "./words";

export function InShort({ campaign, project }: { campaign: Campaign; project: string }) {
  const say = useWords(words);
  const { side } = say;
  const pick = usePick();
  const language = useLanguage();
  const format = useFormats();
  const names = useQuery(namesOf(project));
  const event = campaign.trigger?.event ?? "view";
  const called = names.data?.events?.[event];
  const eventName = called ? pick(called) : event;
  const pages = campaign.pages ?? {};
  const simple = (list: unknown[] | undefined) => format.list((list ?? []).map((one) => (typeof one === "string" ? one : "…")));
  const { start, end } = campaign.schedule ?? {};
  const frequency = campaign.frequency ?? "session";
  const every = /^every (\d+)/.exec(frequency)?.[1];
  const holdout = (campaign.actions ?? []).filter(isHoldout).reduce((sum, arm) => sum + (share(arm.holdout) ?? 0), 0);
  const goal = campaign.goal;
  return (
    <aside className={styles.side} aria-label={side.title}>
      <RuleSize project={project} rule={audience(campaign)} wide />
      <dl className={styles.short}>
        <dt>{side.to}</dt>
        <dd lang={language}>
          <RuleSentence project={project} rule={audience(campaign)} />
        </dd>
        <dt>{side.when}</dt>
        <dd>{event === "view" ? side.onView : side.on(eventName)}</dd>
        <dt>{side.where}</dt>
        <dd>
          {pages.include?.length ? simple(pages.include) : side.allPages}
          {pages.exclude?.length ? ` ${side.except(simple(pages.exclude))}` : ""}
        </dd>
        <dt>{side.often}</dt>
        <dd>
          {every
            ? say.often.daysSays(every)
            : frequency === "access"
              ? say.often.access
              : frequency === "user"
                ? say.often.user
                : say.often.session}
        </dd>
        <dt>{side.stops}</dt>
        <dd>
          {start && end ? side.fromUntil(start, end) : start ? side.since(start) : end ? side.untilDate(end) : side.forever}
        </dd>
        <dt>{side.goal}</dt>
        <dd>{goal ? side.goalIs(goal.event, withinWords(goal.within, say.measure)) : side.none}</dd>
        <dt>{say.steps.measure}</dt>
        <dd>{side.arms(format.number(shownArms(campaign).length), format.percent(holdout / 100, 0))}</dd>
      </dl>
    </aside>
  );
}

function withinWords(within: string | undefined, say: { session: string; hours: string; days: string }): string {
  const [n, unit] = (within ?? "session").split(" ");
  if (unit === undefined) return say.session;
  return `${n} ${unit.startsWith("hour") ? say.hours : say.days}`;
}
