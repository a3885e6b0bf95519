/** Side by side: the screens of five people who clicked a campaign's message, and of five who saw it and did not. */

import { Button, Select } from "@mantine/core";
import { IconArrowsShuffle, IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { api, ask } from "@/api/client";
import { Page, Section } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { Crest } from "@/people/Crest";
import { useNames, usePersonName } from "@/people/names";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import styles from "./Compare.module.css";
import type { Card, Opened, Sought } from "./recordings";
import { usePlayer, useScreen } from "./usePlayer";
import { words } from "./words";

const EACH = 5;
const BEFORE_MS = 4_000;

export default function Compare() {
  const say = useWords(words);
  const project = useProject();
  const pick = usePick();
  const names = useNames();
  const navigate = useNavigate();
  const { campaign = "", seed = 1 } = useSearch({ strict: false }) as { campaign?: string; seed?: number };
  const [playing, setPlaying] = useState(true);
  const choose = (to: { campaign: string; seed: number }) => void navigate({ to: ".", search: to, replace: true } as never);
  const campaigns = Object.entries(names.all?.campaigns ?? {}).map(([value, name]) => ({ value, label: pick(name) }));
  return (
    <Page
      wide
      title={say.compareTitle}
      lead={say.compare.lead}
      crumbs={[{ label: say.title, to: `/p/${project.id}/recordings` }]}
      actions={
        <>
          <Select
            aria-label={say.compare.pick}
            placeholder={say.compare.pick}
            searchable
            w={240}
            data={campaigns}
            value={campaign || null}
            onChange={(to) => to && choose({ campaign: to, seed })}
          />
          {campaign && (
            <>
              <Button
                variant="default"
                leftSection={<IconArrowsShuffle size={16} stroke={1.6} />}
                onClick={() => choose({ campaign, seed: Number(seed) + 1 })}
              >
                {say.compare.again}
              </Button>
              <Button
                variant="default"
                leftSection={playing ? <IconPlayerPauseFilled size={14} /> : <IconPlayerPlayFilled size={14} />}
                onClick={() => setPlaying(!playing)}
              >
                {playing ? say.compare.pauseAll : say.compare.playAll}
              </Button>
            </>
          )}
        </>
      }
    >
      {campaign ? (
        <>
          <Shelf key={`clicked ${campaign} ${seed}`} campaign={campaign} clicked seed={Number(seed)} playing={playing} />
          <Shelf key={`not ${campaign} ${seed}`} campaign={campaign} clicked={false} seed={Number(seed)} playing={playing} />
        </>
      ) : (
        <EmptyState title={say.compare.pick}>{say.compare.lead}</EmptyState>
      )}
    </Page>
  );
}

function Shelf({ campaign, clicked, seed, playing }: { campaign: string; clicked: boolean; seed: number; playing: boolean }) {
  const say = useWords(words).compare;
  const project = useProject();
  const { number } = useFormats();
  const sought: Sought = {
    campaigns: clicked
      ? [{ campaign, how: "clicked", gate: "", never: false }]
      : [
          { campaign, how: "saw", gate: "", never: false },
          { campaign, how: "clicked", gate: "", never: true },
        ],
    order: "random",
    seed,
    limit: EACH,
  };
  const query = useQuery({
    queryKey: ["recordings-playlist", project.id, campaign, clicked, seed],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/recordings/search", {
          params: { path: { project: project.id } },
          body: sought as never,
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const total = number(query.data?.total ?? 0);
  return (
    <Section title={clicked ? say.clicked(total) : say.notClicked(total)}>
      <Loaded query={query}>
        {({ recordings }) =>
          recordings.length ? (
            <ul className={styles.shelf}>
              {recordings.map((card) => (
                <Small key={card.id} card={card} campaign={campaign} playing={playing} />
              ))}
            </ul>
          ) : (
            <p className="muted">{say.none}</p>
          )
        }
      </Loaded>
    </Section>
  );
}

function Small({ card, campaign, playing }: { card: Card; campaign: string; playing: boolean }) {
  const project = useProject();
  const query = useQuery({
    queryKey: ["viewing", project.id, card.id, "small"],
    queryFn: async ({ signal }) => {
      const opened = await ask(
        api.POST("/api/projects/{project}/recordings/{recording}/viewings", {
          params: { path: { project: project.id, recording: card.id } },
          signal,
        }),
      );
      const moments = await ask(
        api.GET("/api/projects/{project}/recordings/{recording}/moments", {
          params: { path: { project: project.id, recording: card.id }, query: { viewing: opened.viewing } },
          signal,
        }),
      );
      const met = moments.find((one) => one.name === "_message_open" && one.values?.campaign === campaign);
      return { opened, at: Math.max(0, (met?.at ?? card.started_at) - card.started_at - BEFORE_MS) };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  return (
    <li className={styles.small} data-phone={card.width < card.height || undefined}>
      {query.data ? (
        <Playing opened={query.data.opened} at={query.data.at} playing={playing} />
      ) : (
        <div className={styles.screen} aria-busy />
      )}
      <Caption card={card} at={query.data?.at ?? 0} />
    </li>
  );
}

function Caption({ card, at }: { card: Card; at: number }) {
  const say = useWords(words).compare;
  const project = useProject();
  const formats = useFormats(project.time_zone);
  const called = usePersonName();
  return (
    <Link to={`/p/${project.id}/recordings/${card.id}?at=${Math.floor(at / 1000)}`} className={styles.caption} title={say.open}>
      <Crest person={card.person} size={24} />
      <span>
        <b>{called(card)}</b>
        <small>{formats.dateTime(card.started_at)}</small>
      </span>
    </Link>
  );
}

function Playing({ opened, at, playing }: { opened: Opened; at: number; playing: boolean }) {
  const say = useWords(words).player;
  const project = useProject();
  const frame = useRef<HTMLIFrameElement>(null);
  const [screen, loaded] = useScreen(frame);
  const how = useMemo(() => ({ at, playing: true, enabled: true }), [at]);
  const player = usePlayer(screen, project.id, opened, how);
  const { play, pause, state } = player;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever presses once means this moment, not each later one
  useEffect(() => {
    if (state !== "ready") return;
    if (playing) play();
    else pause();
  }, [playing, state]);
  return (
    <div className={styles.screen}>
      <iframe ref={frame} src="/replay" title={say.screen} onLoad={loaded} />
      {state === "broken" && <p>{say.broken}</p>}
    </div>
  );
}
