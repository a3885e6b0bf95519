/** Faces of the moment: each person on the site a quiet card that breathes when something happens. */

import { useInterval } from "@mantine/hooks";
import { IconUsers } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Page } from "@/parts/Page";
import { EmptyState, SkeletonBlock } from "@/parts/states";
import { useNames } from "@/people/names";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import { Beats } from "../home/Pulse";
import { FaceCard } from "./FaceCard";
import styles from "./Now.module.css";
import { type Told, useNow } from "./useNow";
import { words } from "./words";

export default function Now() {
  const say = useWords(words);
  const project = useProject();
  const formats = useFormats(project.time_zone);
  const { told, faces, connected } = useNow(project.id);
  const [chosen, choose] = useChosen();
  const names = useNames();
  const [clock, setClock] = useState(Date.now());
  useInterval(() => setClock(Date.now()), 1_000, { autoInvoke: true });
  const shown = useMemo(() => faces.filter((face) => chosen.every((one) => face.segments?.includes(one))), [faces, chosen]);
  return (
    <Page
      wide
      title={say.title}
      lead={say.lead}
      actions={
        <span className={styles.link} data-connected={connected || undefined} role="status">
          <i aria-hidden /> {connected ? say.connected : say.connecting}
        </span>
      }
    >
      {told === null ? (
        <SkeletonBlock height={320} />
      ) : (
        <div className={styles.layout}>
          <aside className={styles.side} aria-label={say.recent}>
            <p className={styles.total}>
              <b>{say.here(formats.number(told.total))}</b> <span>{say.hereNow}</span>
            </p>
            <Beats pulse={told.pulse} label={say.recent} height={48} />
            <Segments told={told} chosen={chosen} choose={choose} />
          </aside>
          <div className={styles.people} aria-live="off">
            {shown.length < told.total && shown.length > 0 && (
              <p className={styles.ofAll}>{say.ofAll(formats.number(shown.length), formats.number(told.total))}</p>
            )}
            {shown.length > 0 ? (
              <ul className={styles.faces}>
                {shown.map((face) => (
                  <FaceCard key={face.person} face={face} now={clock} names={names} formats={formats} />
                ))}
              </ul>
            ) : (
              <EmptyState icon={<IconUsers size={32} stroke={1.4} />} title={told.total ? say.none : say.nobody}>
                {told.total ? say.noneHelp : say.nobodyHelp}
              </EmptyState>
            )}
          </div>
        </div>
      )}
    </Page>
  );
}

/** Which segments everybody shown must belong to; they stand in the address. */
function useChosen(): [readonly string[], (to: readonly string[]) => void] {
  const search = useSearch({ strict: false }) as { segment?: string };
  const navigate = useNavigate();
  const chosen = useMemo(() => (search.segment ? String(search.segment).split(",") : []), [search.segment]);
  const choose = (to: readonly string[]) =>
    void navigate({ to: ".", search: to.length ? { segment: to.join(",") } : {}, replace: true } as never);
  return [chosen, choose];
}

function Segments({ told, chosen, choose }: { told: Told; chosen: readonly string[]; choose: (to: readonly string[]) => void }) {
  const say = useWords(words);
  const pick = usePick();
  const { number } = useFormats();
  const there = told.segments.filter((one) => one.people > 0 || chosen.includes(one.segment));
  const absent = told.segments.length - there.length;
  const ordered = [...there].sort((one, other) => other.people - one.people || (one.segment < other.segment ? -1 : 1));
  const toggle = (segment: string) =>
    choose(chosen.includes(segment) ? chosen.filter((one) => one !== segment) : [...chosen, segment]);
  return (
    <section aria-label={say.segments} className={styles.segments}>
      <h2>
        {say.segments}
        {chosen.length > 0 && (
          <button type="button" className={styles.clear} onClick={() => choose([])}>
            {say.clear}
          </button>
        )}
      </h2>
      <ul>
        {ordered.map((one) => (
          <li key={one.segment}>
            <button
              type="button"
              className={styles.segment}
              aria-pressed={chosen.includes(one.segment)}
              onClick={() => toggle(one.segment)}
            >
              <span className={styles.name}>{pick(one.name)}</span>
              <span className={styles.count} key={one.people}>
                {number(one.people)}
              </span>
              <i
                className={styles.share}
                aria-hidden
                style={{ transform: `scaleX(${told.total ? one.people / told.total : 0})` }}
              />
            </button>
          </li>
        ))}
      </ul>
      {absent > 0 && <p className={styles.absent}>{say.others(number(absent))}</p>}
    </section>
  );
}
