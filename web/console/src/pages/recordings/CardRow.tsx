/** A recording as a line of a list: who, when, how long, where they went, and what happened to them there. */

import {
  IconAlertTriangle,
  IconClick,
  IconDeviceDesktop,
  IconDeviceMobile,
  IconDeviceTablet,
  IconFlame,
  IconLeaf,
  IconLock,
  IconNote,
  IconX,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Mark } from "@/parts/Mark";
import { Crest } from "@/people/Crest";
import { path } from "@/people/happened";
import { type Names, usePersonName } from "@/people/names";
import { words as people } from "@/people/words";
import { useProject } from "@/shell/session";
import type { Formats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Recordings.module.css";
import { type Card, lengthOf, TROUBLE, type Trouble } from "./recordings";
import { words } from "./words";

const MOST = 3;

export const DEVICES = { phone: IconDeviceMobile, tablet: IconDeviceTablet, desktop: IconDeviceDesktop } as const;

export function Device({ device }: { device: string }) {
  const said = useWords(people);
  const Icon = DEVICES[device as keyof typeof DEVICES] ?? IconDeviceDesktop;
  return <Icon size={18} stroke={1.5} aria-label={said.devices[device as keyof typeof said.devices] ?? device} />;
}

export function CardRow({
  card,
  names,
  formats,
  longest,
  aside,
}: {
  card: Card;
  names: Names;
  formats: Formats;
  /** The length that fills the bar. */
  longest: number;
  aside?: ReactNode;
}) {
  const say = useWords(words);
  const project = useProject();
  const called = usePersonName();
  const length = lengthOf(card);
  const first = path(card.first_url);
  const last = path(card.last_url);
  return (
    <li className={styles.row} data-mine={card.mine || undefined}>
      <Link to={`/p/${project.id}/recordings/${card.id}${card.live ? "?live=true" : ""}`} className={styles.open}>
        <Crest person={card.person} size={40} present={card.live} />
        <span className={styles.who}>
          <b>{called(card)}</b>
          <small>{card.live ? <Mark tone="danger">{say.card.live}</Mark> : formats.dateTime(card.started_at)}</small>
        </span>
        <span className={styles.went}>
          <span className={styles.path} title={card.first_url}>
            {first}
            {last !== first && <> → {last}</>}
          </span>
          <span className={styles.marks}>
            <Marks card={card} names={names} formats={formats} />
          </span>
        </span>
        <span className={styles.length}>
          <span className={styles.lasted}>
            {card.notes > 0 && <IconNote size={15} stroke={1.6} aria-label={say.card.notes(formats.number(card.notes))} />}
            {card.protected && <IconLock size={15} stroke={1.6} aria-label={say.card.kept} />}
            <Device device={card.device} />
            <b>{formats.span(length)}</b>
          </span>
          <i style={{ width: `${Math.max(3, Math.min(100, (length / Math.max(1, longest)) * 100))}%` }} aria-hidden />
          <small>
            {say.card.pages(formats.number(card.pages))} · {say.card.clicks(formats.number(card.clicks))}
          </small>
        </span>
        <span className={styles.seen} role="img" aria-label={card.mine ? say.card.watched : say.card.unwatched} />
      </Link>
      {aside}
    </li>
  );
}

/** What happened, gathered by campaign; a holdout says so. */
export function Marks({ card, names, formats }: { card: Card; names: Names; formats: Formats }) {
  const say = useWords(words);
  const byCampaign = new Map<string, Card["marks"]>();
  for (const mark of card.marks) {
    if (mark.campaign) byCampaign.set(mark.campaign, [...(byCampaign.get(mark.campaign) ?? []), mark]);
  }
  const trouble = card.marks.filter((mark) => (TROUBLE as readonly string[]).includes(mark.name));
  return (
    <>
      {[...byCampaign].slice(0, MOST).map(([campaign, marks]) => {
        const has = (name: string) => marks.some((mark) => mark.name === name);
        const held = marks.some((mark) => mark.holdout);
        const [tone, icon, word] = has("_message_conflict")
          ? (["danger", <IconAlertTriangle key="c" size={13} stroke={1.8} />, say.marks.conflict] as const)
          : has("_message_click")
            ? (["primary", <IconClick key="k" size={13} stroke={1.8} />, say.marks.click] as const)
            : held
              ? (["holdout", <IconLeaf key="h" size={13} stroke={1.8} />, say.marks.holdout] as const)
              : has("_message_close")
                ? (["withheld", <IconX key="x" size={13} stroke={1.8} />, say.marks.close] as const)
                : (["shown", <IconLeaf key="s" size={13} stroke={1.8} />, say.marks.open] as const);
        return (
          <Mark key={campaign} tone={tone} icon={icon} title={`${names.campaign(campaign)}: ${word}`}>
            {names.campaign(campaign)} · {word}
          </Mark>
        );
      })}
      {byCampaign.size > MOST && <Mark>+{formats.number(byCampaign.size - MOST)}</Mark>}
      {trouble.map((mark) => (
        <Mark key={mark.name} tone="waiting" icon={<IconFlame size={13} stroke={1.8} />}>
          {say.trouble[mark.name as Trouble]}
          {mark.times > 1 && ` ×${formats.number(mark.times)}`}
        </Mark>
      ))}
      {card.labels.map((label) => (
        <Mark key={label}>{label}</Mark>
      ))}
    </>
  );
}
