/** What happened, walking along with the picture: pages, events, messages, and where somebody had trouble. */

import { IconBook2, IconClick, IconEye, IconFlame, IconLeaf, IconPoint } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
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
  if (shown.length === 0) return <p className="muted">{say.player.nothing}</p>;
  return (
    <ol className={styles.walk}>
      {shown.map((one, place) => {
        const values = one.values ?? {};
        const campaign = typeof values.campaign === "string" ? names.campaign(values.campaign) : "";
        const trouble = (TROUBLE as readonly string[]).includes(one.name);
        return (
          <li
            key={one.position}
            ref={place === here ? current : undefined}
            data-here={place === here || undefined}
            data-past={place < here || undefined}
            data-tone={toneOf(one.name)}
          >
            <button type="button" onClick={() => seek(one.at - started, one.page_view ?? "")}>
              <time>{formats.span(Math.max(0, one.at - started))}</time>
              <Icon name={one.name} />
              <span>
                <b>{trouble ? say.trouble[one.name as Trouble] : names.did(one.name)}</b>
                <small>{campaign || (one.name === "view" ? path(values.url) : about(one.name, values, formats))}</small>
              </span>
            </button>
            {storyOf && (
              <Link
                to={storyOf(one)}
                className={styles.toStory}
                aria-label={`${say.player.inStory}: ${formats.span(Math.max(0, one.at - started))}`}
                title={say.player.inStory}
              >
                <IconBook2 size={15} stroke={1.6} aria-hidden />
              </Link>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Icon({ name }: { name: string }) {
  const what = { size: 15, stroke: 1.6, "aria-hidden": true } as const;
  if (name === "view") return <IconEye {...what} />;
  if (name === "_message_click") return <IconClick {...what} />;
  if (name.startsWith("_message") || name === "goal") return <IconLeaf {...what} />;
  return (TROUBLE as readonly string[]).includes(name) ? <IconFlame {...what} /> : <IconPoint {...what} />;
}
