/** One recording: the page is the picture; the controls get out of the way, and the list of what happened walks along. */

import { ActionIcon, Button, Menu, Modal, SegmentedControl, Switch, Tooltip } from "@mantine/core";
import { useFullscreenElement } from "@mantine/hooks";
import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconBook2,
  IconBroadcast,
  IconChevronLeft,
  IconChevronRight,
  IconDots,
  IconKeyboard,
  IconLink,
  IconLock,
  IconLockOpen,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRewindBackward5,
  IconRewindForward5,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { viewing } from "@/api/asked";
import { ApiError, api, ask } from "@/api/client";
import { Mark } from "@/parts/Mark";
import { Page } from "@/parts/Page";
import { EmptyState, Failure, SkeletonBlock } from "@/parts/states";
import { showDone, showFailure } from "@/parts/toast";
import { Crest } from "@/people/Crest";
import { useNames, usePersonName } from "@/people/names";
import { words as people } from "@/people/words";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { LabelsOf, Notes } from "./Notes";
import styles from "./Player.module.css";
import { activity, type NoteTold, type Opened, toneOf } from "./recordings";
import { type Flag, Strip } from "./Strip";
import { useLive } from "./useLive";
import { SPEEDS, usePlayer, useScreen } from "./usePlayer";
import { useShortcuts } from "./useShortcuts";
import { Walk } from "./Walk";
import { words } from "./words";

const PARTS = 140;
const STEP_MS = 5_000;
const MOMENTS_MS = 3_000;

export default function Recording() {
  const say = useWords(words);
  const project = useProject();
  const { recording } = useParams({ strict: false }) as { recording: string };
  const query = useQuery(viewing(project.id, recording));
  const crumbs = [{ label: say.title, to: `/p/${project.id}/recordings` }];
  if (query.data) return <Watching key={query.data.viewing} opened={query.data} />;
  const gone = query.error instanceof ApiError && query.error.status === 404;
  return (
    <Page title={say.title} crumbs={crumbs} wide>
      {gone ? (
        <EmptyState title={say.player.gone}>{say.player.goneHelp}</EmptyState>
      ) : query.error ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : (
        <SkeletonBlock height={520} />
      )}
    </Page>
  );
}

function Watching({ opened }: { opened: Opened }) {
  const say = useWords(words);
  const project = useProject();
  const { at = 0, live: wantsLive } = useSearch({ strict: false }) as { at?: number; live?: boolean };
  const { recording } = opened;
  const [live, setLive] = useState(recording.live && Boolean(wantsLive));
  const formats = useFormats(project.time_zone);
  const names = useNames();
  const called = usePersonName();
  const seesPeople = useMay("people");
  const frame = useRef<HTMLIFrameElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const [screen, loaded] = useScreen(frame);
  const [notes, setNotes] = useState<readonly NoteTold[]>(opened.notes);
  const player = usePlayer(screen, project.id, opened, { at: Number(at) * 1000, playing: true, enabled: !live });
  const following = useLive(screen, project.id, opened, live);
  const time = live ? Math.max(0, following.latest - recording.started_at) : player.time;
  const moments = useQuery({
    queryKey: ["viewing-moments", project.id, opened.viewing],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/recordings/{recording}/moments", {
          params: { path: { project: project.id, recording: recording.id }, query: { viewing: opened.viewing } },
          signal,
        }),
      ),
    refetchInterval: live ? MOMENTS_MS : false,
  });
  const { ref: whole, toggle: toggleFull, fullscreen } = useFullscreenElement();
  const [helping, setHelping] = useState(false);
  const shares = useMemo(() => activity(opened, PARTS), [opened]);
  const flags = useMemo<Flag[]>(
    () => [
      ...(moments.data ?? []).flatMap((one) => {
        const tone = toneOf(one.name);
        const at = one.at - recording.started_at;
        const campaign = typeof one.values?.campaign === "string" ? names.campaign(one.values.campaign) : "";
        const label = [formats.span(Math.max(0, at)), names.did(one.name), campaign].filter(Boolean).join(" · ");
        return tone ? [{ key: String(one.position), at, tone, label }] : [];
      }),
      ...notes.map((note) => ({ key: note.id, at: note.place, tone: "holdout" as const, label: note.text })),
    ],
    [moments.data, notes, names, formats, recording.started_at],
  );
  const faster = (by: 1 | -1) => {
    const place = SPEEDS.indexOf(player.speed as (typeof SPEEDS)[number]);
    player.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, place + by))] ?? 1);
  };
  const go = useOthers(opened);
  const isPlayed = !live;
  useShortcuts({
    ...(isPlayed && {
      space: player.toggle,
      k: player.toggle,
      arrowleft: () => player.seek(player.time - STEP_MS),
      arrowright: () => player.seek(player.time + STEP_MS),
      ".": () => faster(1),
      ",": () => faster(-1),
      s: () => player.setSkip(!player.skip),
    }),
    f: () => void toggleFull(),
    n: () => field.current?.focus(),
    p: () => go.to(go.before),
    "shift+n": () => go.to(go.after),
    "shift+?": () => setHelping(true),
  });
  const title = called(recording);
  const around = moments.data?.findLast((one) => one.at - recording.started_at <= time + 250);
  const full = (
    <Tooltip label={fullscreen ? say.player.small : say.player.full} withinPortal={false}>
      <ActionIcon
        variant="subtle"
        size="lg"
        className={styles.last}
        aria-label={fullscreen ? say.player.small : say.player.full}
        onClick={() => void toggleFull()}
      >
        {fullscreen ? <IconArrowsMinimize size={18} stroke={1.6} /> : <IconArrowsMaximize size={18} stroke={1.6} />}
      </ActionIcon>
    </Tooltip>
  );
  return (
    <Page
      wide
      title={title}
      crumbs={[live ? { label: say.live, to: `/p/${project.id}/live` } : { label: say.title, to: `/p/${project.id}/recordings` }]}
      mark={<Marks opened={opened} live={live} watchers={following.watchers} />}
      lead={
        <span className={styles.lead}>
          <Crest person={recording.person} size={32} />
          {formats.dateTime(recording.started_at)} · {formats.span(player.length)} ·{" "}
          {say.card.pages(formats.number(recording.pages))} · {say.card.clicks(formats.number(recording.clicks))}
        </span>
      }
      actions={<Actions opened={opened} time={player.time} around={around?.position} live={live} setLive={setLive} go={go} />}
    >
      <div className={styles.player} ref={whole}>
        <div className={styles.left}>
          <div
            className={styles.stage}
            data-live={live || undefined}
            data-phone={recording.width < recording.height || undefined}
          >
            <iframe ref={frame} src="/replay" title={say.player.screen} onLoad={loaded} />
            {!live && (
              <button
                type="button"
                className={styles.screenPress}
                aria-label={player.playing ? say.player.pause : say.player.play}
                tabIndex={-1}
                onClick={player.toggle}
              />
            )}
            {!live && player.state === "loading" && <p className={styles.over}>{say.player.loading}</p>}
            {!live && player.state === "broken" && <p className={styles.over}>{say.player.broken}</p>}
            {!live && player.idle && player.playing && <p className={styles.hint}>{say.player.skipping}</p>}
            {live && !following.drawn && <p className={styles.over}>{say.player.loading}</p>}
            {live && following.drawn && <LiveHint following={following} />}
          </div>
          {!live && (
            <>
              <Strip
                shares={shares}
                flags={flags}
                time={player.time}
                length={player.length}
                fetched={[player.from, player.until]}
                seek={player.seek}
              />
              <div className={styles.controls}>
                <ActionIcon
                  variant="subtle"
                  size="lg"
                  aria-label={say.player.back}
                  onClick={() => player.seek(player.time - STEP_MS)}
                >
                  <IconRewindBackward5 size={20} stroke={1.6} />
                </ActionIcon>
                <ActionIcon
                  size={40}
                  radius="xl"
                  aria-label={player.playing ? say.player.pause : say.player.play}
                  onClick={player.toggle}
                >
                  {player.playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  size="lg"
                  aria-label={say.player.on}
                  onClick={() => player.seek(player.time + STEP_MS)}
                >
                  <IconRewindForward5 size={20} stroke={1.6} />
                </ActionIcon>
                <span className={styles.clock}>
                  <b>{formats.span(player.time)}</b> / {formats.span(player.length)}
                </span>
                <SegmentedControl
                  size="xs"
                  className={styles.later}
                  aria-label={say.player.speed}
                  value={String(player.speed)}
                  onChange={(to) => player.setSpeed(Number(to))}
                  data={SPEEDS.map((one) => ({ value: String(one), label: `${one}×` }))}
                />
                <Switch
                  size="xs"
                  className={styles.later}
                  label={say.player.skip}
                  checked={player.skip}
                  onChange={(event) => player.setSkip(event.currentTarget.checked)}
                />
                {opened.tabs.length > 1 && (
                  <SegmentedControl
                    size="xs"
                    className={styles.later}
                    value={player.tab}
                    onChange={player.setTab}
                    data={opened.tabs.map((one, place) => ({ value: one.tab, label: say.player.tab(String(place + 1)) }))}
                  />
                )}
                {full}
              </div>
            </>
          )}
          {live && <div className={styles.controls}>{full}</div>}
        </div>
        <aside className={styles.beside} aria-label={say.player.happened}>
          <h2>{say.player.happened}</h2>
          {moments.data ? (
            <Walk
              moments={moments.data}
              started={recording.started_at}
              time={live ? Number.POSITIVE_INFINITY : time}
              names={names}
              formats={formats}
              storyOf={seesPeople ? (moment) => storyAt(project.id, recording.person, moment.position) : undefined}
              seek={(ms, pageView) => {
                setLive(false);
                player.seek(ms, opened.tabs.find((one) => one.chunks.some((chunk) => chunk.page === pageView))?.tab);
              }}
            />
          ) : moments.error ? (
            <Failure error={moments.error} retry={() => void moments.refetch()} />
          ) : (
            <SkeletonBlock height={200} />
          )}
          <Notes
            project={project.id}
            recording={recording.id}
            notes={notes}
            keep={setNotes}
            time={time}
            seek={player.seek}
            formats={formats}
            field={field}
          />
          <LabelsOf project={project.id} recording={recording.id} labels={recording.labels} />
        </aside>
      </div>
      <p className={styles.foot}>
        {opened.watchers.length ? say.player.watchers(formats.list(opened.watchers.slice(0, 5))) : say.player.nobody}
        {opened.missing > 0 && <span>{say.player.missing(formats.number(opened.missing))}</span>}
        <Button
          variant="subtle"
          size="compact-xs"
          color="gray"
          className={styles.keysButton}
          leftSection={<IconKeyboard size={15} stroke={1.6} />}
          onClick={() => setHelping(true)}
        >
          {say.player.keysTitle}
        </Button>
      </p>
      <Modal opened={helping} onClose={() => setHelping(false)} title={say.player.keysTitle} centered>
        <dl className={styles.keys}>
          {Object.entries(say.player.keys).map(([keys, what]) => (
            <div key={what}>
              <dt>
                {keys.split(" ").map((one) => (
                  <kbd key={one}>{one}</kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Modal>
    </Page>
  );
}

function LiveHint({ following }: { following: ReturnType<typeof useLive> }) {
  const say = useWords(words).player;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  if (following.over) return <p className={styles.hint}>{say.ended}</p>;
  return now + following.ahead - following.latest > 6_000 ? <p className={styles.hint}>{say.waiting}</p> : null;
}

function Marks({ opened, live, watchers }: { opened: Opened; live: boolean; watchers: number }) {
  const say = useWords(words);
  const said = useWords(people);
  const { number } = useFormats();
  const { recording } = opened;
  return (
    <span className={styles.marks}>
      <Mark tone={recording.user_id ? "primary" : "plain"}>{recording.user_id ? said.member : said.justVisitor}</Mark>
      {recording.device && <Mark>{said.devices[recording.device as keyof typeof said.devices] ?? recording.device}</Mark>}
      {recording.protected && <Mark tone="waiting">{say.card.kept}</Mark>}
      {live && (
        <Mark tone="danger" icon={<i className={styles.onAir} aria-hidden />}>
          {say.player.watching}
        </Mark>
      )}
      {live && watchers > 1 && <Mark>{say.player.asOf(number(watchers))}</Mark>}
    </span>
  );
}

interface Others {
  before: string | undefined;
  after: string | undefined;
  to(recording: string | undefined): void;
}

/** The recordings of the same person before and after this one. */
function useOthers({ recording, others }: Opened): Others {
  const project = useProject();
  const navigate = useNavigate();
  const place = others.findIndex((one) => one.id === recording.id);
  return {
    before: others[place - 1]?.id,
    after: others[place + 1]?.id,
    to: (one) => one && void navigate({ to: `/p/${project.id}/recordings/${one}` } as never),
  };
}

/** A person's story at one moment of it. */
function storyAt(project: string, person: string, position: number | undefined): string {
  return `/p/${project}/people/${encodeURIComponent(person)}${position === undefined ? "" : `?moment=${position}`}`;
}

function Actions({
  opened,
  time,
  around,
  live,
  setLive,
  go,
}: {
  opened: Opened;
  time: number;
  /** What happened last at this time, by its place in the log. */
  around: number | undefined;
  live: boolean;
  setLive: (live: boolean) => void;
  go: Others;
}) {
  const say = useWords(words).player;
  const common = useWords(shared);
  const project = useProject();
  const navigate = useNavigate();
  const seesPeople = useMay("people");
  const edits = useMay("edit");
  const { recording, others } = opened;
  const [kept, setKept] = useState(recording.protected);
  const [removing, setRemoving] = useState(false);
  const path = { project: project.id, recording: recording.id };
  const keep = useMutation({
    mutationFn: (to: boolean) =>
      ask(api.PUT("/api/projects/{project}/recordings/{recording}/protection", { params: { path }, body: { kept: to } })),
    onSuccess: (now) => {
      setKept(now.kept);
      showDone(now.kept ? say.kept : say.released);
    },
    onError: showFailure,
  });
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE("/api/projects/{project}/recordings/{recording}", { params: { path } })),
    onSuccess: () => {
      showDone(say.removed);
      void navigate({ to: `/p/${project.id}/recordings` } as never);
    },
    onError: showFailure,
  });
  const share = async () => {
    const address = `${location.origin}/p/${project.id}/recordings/${recording.id}?at=${Math.floor(time / 1000)}`;
    await navigator.clipboard.writeText(address);
    showDone(say.shared);
  };
  return (
    <>
      {recording.live && (
        <Button
          variant={live ? "light" : "filled"}
          leftSection={<IconBroadcast size={16} stroke={1.6} />}
          onClick={() => setLive(!live)}
        >
          {live ? say.behind : say.goLive}
        </Button>
      )}
      {others.length > 1 && (
        <ActionIcon.Group>
          <ActionIcon
            variant="default"
            size={36}
            disabled={!go.before}
            aria-label={say.previous}
            title={say.previous}
            onClick={() => go.to(go.before)}
          >
            <IconChevronLeft size={18} stroke={1.6} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={36}
            disabled={!go.after}
            aria-label={say.next}
            title={say.next}
            onClick={() => go.to(go.after)}
          >
            <IconChevronRight size={18} stroke={1.6} />
          </ActionIcon>
        </ActionIcon.Group>
      )}
      {seesPeople && (
        <Button
          variant="default"
          component={Link}
          to={storyAt(project.id, recording.person, live ? undefined : around)}
          leftSection={<IconBook2 size={16} stroke={1.6} />}
        >
          {say.story}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={common.more}>
            <IconDots size={18} stroke={1.6} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconLink size={16} stroke={1.6} />} onClick={() => void share().catch(showFailure)}>
            {say.share}
          </Menu.Item>
          <Menu.Item
            leftSection={kept ? <IconLockOpen size={16} stroke={1.6} /> : <IconLock size={16} stroke={1.6} />}
            title={say.keepHelp}
            onClick={() => keep.mutate(!kept)}
          >
            {kept ? say.release : say.keep}
          </Menu.Item>
          {edits && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.6} />} onClick={() => setRemoving(true)}>
              {say.remove}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={removing} onClose={() => setRemoving(false)} title={say.removeTitle} centered>
        <p>{say.removeHelp}</p>
        <div className={styles.asked}>
          <Button variant="default" onClick={() => setRemoving(false)}>
            {common.cancel}
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {say.remove}
          </Button>
        </div>
      </Modal>
    </>
  );
}
