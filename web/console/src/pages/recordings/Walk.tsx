/** What happened, walking along with the picture: pages, events, messages, and where somebody had trouble. */

import { IconBook2, IconClick, IconEye, IconFlame, IconLeaf, IconPoint } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { memo, type RefObject, useEffect, useMemo, useRef } from "react";
import { about, path } from "@/people/happened";
import type { Names } from "@/people/names";
import type { Formats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Player.module.css";
import { isTold, type Moment, TROUBLE, type Trouble, toneOf } from "./recordings";
import { words } from "./words";

interface Props {
  moments: readonly Moment[];
  started: number;
  time: number;
  names: Names;
  formats: Formats;
  seek: (ms: number, pageView: string) => void;
  /** Where the story tells of it; undefined for those who may not see people. */
  storyOf: ((moment: Moment) => string) | undefined;
}

export function Walk({ moments, started, time, names, formats, seek, storyOf }: Props) {
  const say = useWords(words);
  const shown = useMemo(() => moments.filter(isTold), [moments]);
  const here = shown.findLastIndex((one) => one.at - started <= time + 250);
  const current = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const line = current.current;
    const list = line?.parentElement;
    if (!line || !list || here < 0) return;
    const wanted = line.offsetTop - list.clientHeight / 2 + line.clientHeight / 2;
    list.scrollTo({ top: wanted, behavior: Math.abs(list.scrollTop - wanted) > 600 ? "instant" : "smooth" });
  }, [here]);
  const latest = useRef({ seek, storyOf });
  latest.current = { seek, storyOf };
  if (shown.length === 0) return <p className="muted">{say.player.nothing}</p>;
  return (
    <ol className={styles.walk}>
      {shown.map((one, place) => (
        <Line
          key={one.position}
          one={one}
          standing={place === here ? "here" : place < here ? "past" : "ahead"}
          started={started}
          names={names}
          formats={formats}
          latest={latest}
          current={current}
        />
      ))}
    </ol>
  );
}

interface LineProps extends Pick<Props, "started" | "names" | "formats"> {
  one: Moment;
  standing: "past" | "here" | "ahead";
  latest: RefObject<Pick<Props, "seek" | "storyOf">>;
  current: RefObject<HTMLLIElement | null>;
}

/** The picture moves many times a second, a line only when it is reached. */
const Line = memo(
  function Line({ one, standing, started, names, formats, latest, current }: LineProps) {
    const say = useWords(words);
    const values = one.values ?? {};
    const campaign = typeof values.campaign === "string" ? names.campaign(values.campaign) : "";
    const trouble = (TROUBLE as readonly string[]).includes(one.name);
    const when = formats.span(Math.max(0, one.at - started));
    const story = latest.current.storyOf?.(one);
    return (
      <li
        ref={standing === "here" ? current : undefined}
        data-here={standing === "here" || undefined}
        data-past={standing === "past" || undefined}
        data-tone={toneOf(one.name)}
      >
        <button type="button" onClick={() => latest.current.seek(one.at - started, one.page_view ?? "")}>
          <time>{when}</time>
          <Icon name={one.name} />
          <span>
            <b>{trouble ? say.trouble[one.name as Trouble] : names.did(one.name)}</b>
            <small>{campaign || (one.name === "view" ? path(values.url) : about(one.name, values, formats))}</small>
          </span>
        </button>
        {story && (
          <Link to={story} className={styles.toStory} aria-label={`${say.player.inStory}: ${when}`} title={say.player.inStory}>
            <IconBook2 size={15} stroke={1.6} aria-hidden />
          </Link>
        )}
      </li>
    );
  },
  (before, now) =>
    before.one === now.one &&
    before.standing === now.standing &&
    before.started === now.started &&
    before.names.all === now.names.all,
);

function Icon({ name }: { name: string }) {
  const what = { size: 15, stroke: 1.6, "aria-hidden": true } as const;
  if (name === "view") return <IconEye {...what} />;
  if (name === "_message_click") return <IconClick {...what} />;
  if (name.startsWith("_message") || name === "goal") return <IconLeaf {...what} />;
  return (TROUBLE as readonly string[]).includes(name) ? <IconFlame {...what} /> : <IconPoint {...what} />;
}
