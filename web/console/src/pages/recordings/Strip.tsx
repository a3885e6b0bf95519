/** The heat strip: how lively each part of the visit was, what happened when, and where the picture stands. Press to go there. */

import { type KeyboardEvent, type PointerEvent, useMemo } from "react";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Player.module.css";
import type { Tone } from "./recordings";
import { words } from "./words";

const STEP_MS = 5_000;

export interface Flag {
  key: string;
  at: number;
  tone: Tone;
  label: string;
}

export function Strip({
  shares,
  flags,
  time,
  length,
  fetched,
  seek,
}: {
  shares: readonly number[];
  flags: readonly Flag[];
  time: number;
  length: number;
  /** From and until when it is there already. */
  fetched: readonly [number, number];
  seek: (ms: number) => void;
}) {
  const say = useWords(words).player;
  const { span } = useFormats();
  const share = (ms: number) => `${Math.min(100, Math.max(0, (ms / Math.max(1, length)) * 100))}%`;
  const at = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    seek(((event.clientX - box.left) / Math.max(1, box.width)) * length);
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -STEP_MS, ArrowRight: STEP_MS, PageDown: -STEP_MS * 6, PageUp: STEP_MS * 6 }[event.key];
    if (by === undefined && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    event.stopPropagation();
    seek(by === undefined ? (event.key === "Home" ? 0 : length) : time + by);
  };
  return (
    <div
      className={styles.strip}
      role="slider"
      tabIndex={0}
      aria-label={say.place}
      aria-valuemin={0}
      aria-valuemax={Math.round(length / 1000)}
      aria-valuenow={Math.round(time / 1000)}
      aria-valuetext={`${span(time)} / ${span(length)}`}
      onKeyDown={press}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        at(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && at(event)}
    >
      <Bars shares={shares} />
      <Bars shares={shares} until={time / Math.max(1, length)} />
      <i className={styles.loaded} style={{ left: share(fetched[0]), width: share(fetched[1] - fetched[0]) }} aria-hidden />
      {flags.map((flag) => (
        <i key={flag.key} className={styles.flag} data-tone={flag.tone} title={flag.label} style={{ left: share(flag.at) }} />
      ))}
      <i className={styles.needle} style={{ left: share(time) }} aria-hidden />
    </div>
  );
}

/** How lively each part was; with `until` those parts alone that are over, drawn as such. */
function Bars({ shares, until }: { shares: readonly number[]; until?: number }) {
  const rects = useMemo(
    () =>
      shares.map((share, place) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a part of the time is its place
          key={place}
          x={place + 0.12}
          width={0.76}
          y={100 - Math.max(3, share * 92)}
          height={Math.max(3, share * 92)}
        />
      )),
    [shares],
  );
  const over = until !== undefined && `inset(0 ${100 - (Math.ceil(until * shares.length) / shares.length) * 100}% 0 0)`;
  return (
    <svg
      viewBox={`0 0 ${shares.length} 100`}
      preserveAspectRatio="none"
      aria-hidden
      className={styles.activity}
      data-past={over ? "" : undefined}
      style={over ? { clipPath: over } : undefined}
    >
      {rects}
    </svg>
  );
}
