/** This moment: how many people are on the site, and every five seconds of the last five minutes as one stroke. */

import { IconArrowRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { useStream } from "@/api/stream";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Pulse.module.css";
import { words } from "./words";

type Live = Schemas["HomeNow"];

export function Pulse({ first, linked }: { first: Live; linked: boolean }) {
  const say = useWords(words);
  const formats = useFormats();
  const project = useProject();
  const [live, setLive] = useState(first);
  const connected = useStream<Live>(`/api/projects/${project.id}/home/stream`, setLive, ["live"]);
  const sum = (what: "events" | "shown" | "goals") => live.pulse.reduce((all, beat) => all + beat[what], 0);
  const body = (
    <>
      <div className={styles.here}>
        <span className={styles.label}>
          <i data-connected={connected || undefined} aria-hidden />
          {say.here}
        </span>
        <span className={styles.number}>
          {formats.number(live.people)}
          <small>{say.hereUnit}</small>
        </span>
      </div>
      <Beats
        pulse={live.pulse}
        label={say.pulseSays(formats.number(sum("events")), formats.number(sum("shown")), formats.number(sum("goals")))}
      />
      {linked && (
        <span className={styles.go}>
          {say.look} <IconArrowRight size={16} stroke={1.6} aria-hidden />
        </span>
      )}
    </>
  );
  return linked ? (
    <Link to={`/p/${project.id}/now`} className={styles.pulse}>
      {body}
    </Link>
  ) : (
    <div className={styles.pulse}>{body}</div>
  );
}

/** Strokes as high as what happened; a leaf on those in which a message was shown, a fruit where a goal was reached. */
export function Beats({ pulse, label, height = 72 }: { pulse: Live["pulse"]; label: string; height?: number }) {
  const most = Math.max(8, ...pulse.map((beat) => beat.events));
  const ground = height - 6;
  const step = 10;
  return (
    <svg
      className={styles.beats}
      viewBox={`0 0 ${pulse.length * step} ${height}`}
      preserveAspectRatio="none"
      height={height}
      role="img"
      aria-label={label}
    >
      <line x1={0} x2={pulse.length * step} y1={ground} y2={ground} className={styles.ground} />
      {pulse.map(({ at, events, shown, goals }, place) => {
        const x = place * step + step / 2;
        const top = ground - (events / most) * (ground - 16);
        return (
          <g key={at} className={styles.beat}>
            {events > 0 && <line x1={x} x2={x} y1={ground} y2={top} className={styles.stroke} />}
            {shown > 0 && <line x1={x} x2={x} y1={top - 3} y2={top - 3.01} className={styles.leaf} />}
            {goals > 0 && (
              <line
                x1={x}
                x2={x}
                y1={top - (shown > 0 ? 12 : 3)}
                y2={top - (shown > 0 ? 12.01 : 3.01)}
                className={styles.fruit}
              />
            )}
          </g>
        );
      })}
    </svg>
  );
}
