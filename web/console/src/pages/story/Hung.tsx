/** One message as a leaf on the river: its colour is its fate, and pointing at it tells the rest. */

import { HoverCard } from "@mantine/core";
import { CampaignLink } from "@/parts/links";
import { Mark, type Tone } from "@/parts/Mark";
import { type Names, said as word } from "@/people/names";
import { words as people } from "@/people/words";
import { useProject } from "@/shell/session";
import type { Formats } from "@/words/format";
import { useWords } from "@/words/words";
import { type Fate, fate, type Leaf } from "./moments";
import styles from "./River.module.css";
import { useNow } from "./useClock";
import { words } from "./words";

const TONES: Readonly<Record<Fate, Tone>> = {
  clicked: "shown",
  shown: "shown",
  holdout: "holdout",
  waiting: "waiting",
  unshown: "withheld",
};

export function Hung({ leaf, names, formats, from }: { leaf: Leaf; names: Names; formats: Formats; from: number }) {
  const say = useWords(words);
  const said = useWords(people);
  const project = useProject();
  const now = useNow(leaf.until);
  const became = fate(leaf, now);
  const steps = stepsOf(leaf);
  return (
    <HoverCard width={320} withinPortal position="right-start" openDelay={120} withRoles={false}>
      <HoverCard.Target>
        <div className={styles.leaf} data-fate={became}>
          <LeafShape from={from} veined={became === "clicked"} />
          <CampaignLink project={project.id} campaign={leaf.campaign} report>
            {names.campaign(leaf.campaign)}
          </CampaignLink>
          <Mark tone={TONES[became]}>{say.fates[became]}</Mark>
          {leaf.test && <Mark tone="waiting">{said.test}</Mark>}
          {steps.length > 0 && <span className={styles.steps}>{steps.join(" → ")}</span>}
        </div>
      </HoverCard.Target>
      <HoverCard.Dropdown className={styles.card}>
        <b>{names.campaign(leaf.campaign)}</b>
        <p>{say.arm(`${names.action(leaf.action)} (${leaf.action})`)}</p>
        <p>
          {became === "unshown" && leaf.released ? (word(said.unopened, leaf.released.reason) ?? say.fates.unshown) : say.passed}
        </p>
        {leaf.covered > 0 && <p>{say.covered(formats.number(leaf.covered))}</p>}
        {leaf.answered && (
          <dl className={styles.answers}>
            {Object.entries(leaf.answered).map(([question, answer]) => (
              <div key={question}>
                <dt>{question}</dt>
                <dd>{Array.isArray(answer) ? answer.join(", ") : String(answer)}</dd>
              </div>
            ))}
          </dl>
        )}
      </HoverCard.Dropdown>
    </HoverCard>
  );

  function stepsOf(one: Leaf): string[] {
    const time = (at: number) => formats.time(at, true);
    return [
      ...(one.opened === undefined ? [] : [one.holdout ? say.wouldOpen(time(one.opened)) : say.opened(time(one.opened))]),
      ...one.clicked.map((click) => say.clicked(time(click.at), click.name)),
      ...(one.answered ? [say.answered] : []),
      ...(one.closed ? [say.closed(time(one.closed.at), word(said.closed, one.closed.by) ?? one.closed.by)] : []),
      ...(one.released
        ? [say.given(time(one.released.at), word(said.unopened, one.released.reason) ?? one.released.reason)]
        : []),
    ];
  }
}

/** A leaf on its stalk, which reaches back to the water. */
function LeafShape({ from, veined }: { from: number; veined: boolean }) {
  const reach = 98 - from;
  return (
    <svg className={styles.shape} width={reach} height={28} viewBox={`0 0 ${reach} 28`} style={{ left: from - 102 }} aria-hidden>
      <path d={`M0 20 C${reach * 0.3} 21 ${reach * 0.5} 17 ${reach - 26} 15`} className={styles.stem} />
      <g transform={`translate(${reach - 27} 15) rotate(-12)`}>
        <path d="M0 0 C4 -9 16 -10 25 -3 C19 6 7 7 0 0Z" className={styles.blade} />
        {veined && (
          <path
            d="M1 0 C8 -2 15 -3 22 -3 M8 -1.6 L12 -5.4 M13 -2.4 L17 -5.4 M9 -1.4 L13 2.2 M14 -2.2 L18 1"
            className={styles.vein}
          />
        )}
      </g>
    </svg>
  );
}
