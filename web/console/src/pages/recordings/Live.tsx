/** Live: everybody whose screen is being recorded this second; a press, and one sees what they see. */

import { Button, TextInput } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { IconBroadcast, IconEye, IconHeadset } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { useStream } from "@/api/stream";
import { Mark } from "@/parts/Mark";
import { Page } from "@/parts/Page";
import { EmptyState, Failure, SkeletonBlock } from "@/parts/states";
import { Crest } from "@/people/Crest";
import { path } from "@/people/happened";
import { useNames, usePersonName } from "@/people/names";
import { asSupportCode, words as codeWords, useSupportCode } from "@/people/supportCode";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import { Device, Marks } from "./CardRow";
import styles from "./Recordings.module.css";
import type { Card } from "./recordings";
import { words } from "./words";

type LiveNow = Schemas["LiveNow"];
const STILL_MS = 8_000;

export default function Live() {
  const say = useWords(words);
  const project = useProject();
  const { number } = useFormats();
  const [told, setTold] = useState<LiveNow | null>(null);
  const [clock, setClock] = useState(Date.now());
  const [ahead, setAhead] = useState(0);
  useInterval(() => setClock(Date.now()), 1_000, { autoInvoke: true });
  const first = useQuery({
    queryKey: ["live", project.id],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/live", { params: { path: { project: project.id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  useStream<LiveNow>(
    `/api/projects/${project.id}/live/stream`,
    (now) => {
      setTold(now);
      setAhead(now.at - Date.now());
    },
    ["now"],
  );
  const now = told ?? first.data;
  return (
    <Page
      wide
      title={say.live}
      lead={say.liveLead}
      actions={<ByCode />}
      mark={
        now && now.total > 0 ? (
          <Mark tone="danger" icon={<i className={styles.onAir} aria-hidden />}>
            {say.liveTotal(number(now.total))}
          </Mark>
        ) : undefined
      }
    >
      {now ? (
        now.recordings.length ? (
          <ul className={styles.wall}>
            {now.recordings.map((card) => (
              <Tile key={card.id} card={card} still={clock + ahead - card.ended_at} watchers={now.watchers[card.id] ?? 0} />
            ))}
          </ul>
        ) : (
          <EmptyState icon={<IconBroadcast size={32} stroke={1.4} />} title={say.liveNobody}>
            {say.liveNobodyHelp}
          </EmptyState>
        )
      ) : first.error ? (
        <Failure error={first.error} retry={() => void first.refetch()} />
      ) : (
        <SkeletonBlock height={280} />
      )}
    </Page>
  );
}

/** Whoever is on the telephone reads out a code, and their story opens: what can be seen of them now, or asked for. */
function ByCode() {
  const say = useWords(codeWords);
  const project = useProject();
  const may = useMay("people");
  const [typed, setTyped] = useState("");
  const look = useSupportCode(project.id);
  const code = asSupportCode(typed);
  if (!may) return null;
  return (
    <form
      className={styles.byCode}
      onSubmit={(event) => {
        event.preventDefault();
        if (code) look.mutate(code);
      }}
    >
      <TextInput
        aria-label={say.group}
        placeholder={say.group}
        inputMode="numeric"
        autoComplete="off"
        maxLength={12}
        w={176}
        leftSection={<IconHeadset size={16} stroke={1.6} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={!code} loading={look.isPending}>
        {say.go}
      </Button>
    </form>
  );
}

function Tile({ card, still, watchers }: { card: Card; still: number; watchers: number }) {
  const say = useWords(words);
  const project = useProject();
  const formats = useFormats(project.time_zone);
  const names = useNames();
  const called = usePersonName();
  const quiet = still > STILL_MS;
  return (
    <li className={styles.tile} data-quiet={quiet || undefined}>
      <span key={card.ended_at} className={styles.breath} aria-hidden />
      <Link to={`/p/${project.id}/recordings/${card.id}?live=true`} className={styles.tileLink}>
        <Crest person={card.person} size={44} present={!quiet} />
        <span className={styles.who}>
          <b>{called(card)}</b>
          <small>
            {formats.span(Math.max(0, card.ended_at - card.started_at))} · {say.card.pages(formats.number(card.pages))} ·{" "}
            {say.card.clicks(formats.number(card.clicks))}
          </small>
        </span>
        <Device device={card.device} />
      </Link>
      <p className={styles.path} title={card.last_url}>
        {path(card.last_url)}
      </p>
      <p className={styles.marks}>
        <Marks card={card} names={names} formats={formats} />
      </p>
      <p className={styles.tileFoot}>
        <span data-tone={quiet ? undefined : "shown"}>{quiet ? say.idle(formats.span(still)) : say.active}</span>
        {watchers > 0 && (
          <span>
            <IconEye size={14} stroke={1.6} aria-hidden /> {say.watchersNow(formats.number(watchers))}
          </span>
        )}
      </p>
    </li>
  );
}
