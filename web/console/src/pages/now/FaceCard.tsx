/** One person on the site. Whatever they do makes the card breathe once; silence lets it fade. */

import { IconClick, IconDeviceDesktop, IconDeviceMobile, IconDeviceTablet, IconLeaf } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { Mark } from "@/parts/Mark";
import { Crest } from "@/people/Crest";
import { about, path } from "@/people/happened";
import { type Names, usePersonName } from "@/people/names";
import { words as people } from "@/people/words";
import { useProject } from "@/shell/session";
import type { Formats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Now.module.css";
import type { Face } from "./useNow";
import { words } from "./words";

const DEVICES = { phone: IconDeviceMobile, tablet: IconDeviceTablet, desktop: IconDeviceDesktop } as const;
const SEGMENTS_SHOWN = 3;
const QUIET_MS = 60_000;

export const FaceCard = memo(function FaceCard({
  face,
  now,
  names,
  formats,
}: {
  face: Face;
  now: number;
  names: Names;
  formats: Formats;
}) {
  const say = useWords(words);
  const said = useWords(people);
  const called = usePersonName();
  const project = useProject();
  const silent = Math.max(0, now - face.at);
  const Device = DEVICES[(face.device ?? "desktop") as keyof typeof DEVICES] ?? IconDeviceDesktop;
  const segments = face.segments ?? [];
  const message = face.event.startsWith("_message") || face.event === "_answer_question";
  const detail = message ? names.campaign(String(face.values?.campaign ?? "")) : about(face.event, face.values ?? {}, formats);
  return (
    <li className={styles.face} data-quiet={silent > QUIET_MS || undefined} data-away={face.hidden || undefined}>
      <span key={face.at} className={styles.breath} aria-hidden />
      <Link to={`/p/${project.id}/people/${encodeURIComponent(face.person)}`} className={styles.who}>
        <Crest person={face.person} size={40} present={silent <= QUIET_MS} />
        <span className={styles.names}>
          <b>{called(face)}</b>
          <span>
            {said.visit(formats.number(face.visits ?? 1))} · {said.views(formats.number(face.views ?? 0))}
            {face.test && (
              <>
                {" "}
                <Mark tone="waiting">{said.test}</Mark>
              </>
            )}
          </span>
        </span>
        <Device
          size={18}
          stroke={1.5}
          aria-label={said.devices[(face.device ?? "desktop") as keyof typeof said.devices]}
          className={styles.device}
        />
      </Link>
      <p className={styles.doing}>
        <span className={styles.did}>
          {message ? <IconLeaf size={15} stroke={1.6} aria-hidden /> : <IconClick size={15} stroke={1.6} aria-hidden />}
          {names.did(face.event)}
        </span>
        {detail && <span className={styles.detail}>{detail}</span>}
      </p>
      <p className={styles.page} title={face.url}>
        {face.hidden ? say.away : (face.event !== "view" && face.title) || path(face.url)}
      </p>
      <div className={styles.foot}>
        <span className={styles.chips}>
          {segments.slice(0, SEGMENTS_SHOWN).map((one) => (
            <span key={one} className={styles.chip}>
              {names.segment(one)}
            </span>
          ))}
          {segments.length > SEGMENTS_SHOWN && (
            <span className={styles.rest} title={segments.slice(SEGMENTS_SHOWN).map(names.segment).join("、")}>
              {say.more(formats.number(segments.length - SEGMENTS_SHOWN))}
            </span>
          )}
        </span>
        <time className={styles.ago}>{ago(silent)}</time>
      </div>
    </li>
  );

  function ago(ms: number): string {
    if (ms < 3_000) return say.justNow;
    return ms < 60_000
      ? say.seconds(formats.number(Math.floor(ms / 1_000)))
      : say.minutes(formats.number(Math.floor(ms / 60_000)));
  }
});
