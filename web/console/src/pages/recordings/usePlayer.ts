/** Plays one recording on a screen, tab by tab, and says where it stands in the time of the visit. */

import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api, ask } from "@/api/client";
import type { Screen } from "@/replay/screen";
import { type Chunk, lengthOf, type Opened, type Tab } from "./recordings";
import { FIRST_BYTES, firstAfter, Reel, type ReelStanding, type Wanted } from "./reel";

// what draws is as large as the page around it, and is not to wait for what is asked about the recording
document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href: "/replay/replay.js" }));

export const SPEEDS = [0.5, 1, 2, 4, 8] as const;

/** `time` is ms from the beginning of the visit, as are `from` and `until`, which say what is fetched. */
export interface Player extends ReelStanding {
  length: number;
  speed: number;
  skip: boolean;
  tab: string;
  play(): void;
  pause(): void;
  toggle(): void;
  /** Goes to a moment, in another tab if one is named. */
  seek(ms: number, tab?: string): void;
  setSpeed(speed: number): void;
  setSkip(skip: boolean): void;
  setTab(tab: string): void;
}

/** The screen inside a frame of `/replay`, once it is there. */
export function useScreen(frame: RefObject<HTMLIFrameElement | null>): [Screen | null, () => void] {
  const [screen, setScreen] = useState<Screen | null>(null);
  const loaded = useCallback(() => setScreen(frame.current?.contentWindow?.omotenashiScreen ?? null), [frame]);
  return [screen, loaded];
}

/** One answer of chunks of a tab, after a place. */
export async function chunksAfter(
  project: string,
  opened: Opened,
  tab: string,
  after: number,
  most: number,
  signal: AbortSignal,
): Promise<Chunk[]> {
  const found = await ask(
    api.GET("/api/projects/{project}/recordings/{recording}/chunks", {
      params: { path: { project, recording: opened.recording.id }, query: { viewing: opened.viewing, tab, after, most } },
      signal,
      parseAs: "json",
    }),
  );
  return found as unknown as Chunk[];
}

export function usePlayer(
  screen: Screen | null,
  project: string,
  opened: Opened,
  how: { at: number; playing: boolean; enabled: boolean },
): Player {
  const { started_at } = opened.recording;
  const length = lengthOf(opened.recording);
  const [tab, setTabName] = useState(() => tabAt(opened, how.at)?.tab ?? "");
  const [standing, setStanding] = useState<ReelStanding>(() => ({
    time: how.at,
    playing: how.playing,
    idle: false,
    ended: false,
    state: "loading",
    from: how.at,
    until: how.at,
  }));
  const [speed, setSpeedTo] = useState(1);
  const [skip, setSkipTo] = useState(true);
  const wanted = useRef<Wanted>({ at: how.at, playing: how.playing, speed, skip });
  const reel = useRef<Reel | null>(null);
  const { enabled } = how;
  const early = useEarly(project, opened, tab, how);

  useEffect(() => {
    const one = opened.tabs.find((known) => known.tab === tab);
    if (!screen || !enabled || !one) return;
    const playing = new Reel(
      screen,
      one,
      started_at,
      wanted.current,
      (after, most, signal) => early(tab, after) ?? chunksAfter(project, opened, tab, after, most, signal),
      (told) =>
        setStanding((before) => {
          const time = Math.min(length, Math.max(0, told.time));
          return isAlike(before, told, time) ? before : { ...told, time };
        }),
    );
    reel.current = playing;
    return () => {
      playing.close();
      reel.current = null;
    };
  }, [screen, project, opened, tab, enabled, started_at, length, early]);

  // where this tab ends and another goes on, the other is shown
  useEffect(() => {
    if (!standing.ended || !enabled) return;
    const next = opened.tabs
      .filter((one) => one.tab !== tab)
      .map((one) => ({
        tab: one.tab,
        from: (one.chunks.find((chunk) => chunk.to_at - started_at > standing.time + 500)?.from_at ?? 0) - started_at,
      }))
      .filter((one) => one.from > -started_at)
      .sort((one, other) => one.from - other.from)[0];
    if (next) {
      wanted.current.at = Math.max(standing.time, next.from);
      wanted.current.playing = true;
      setTabName(next.tab);
    }
  }, [standing.ended, standing.time, tab, opened, started_at, enabled]);

  return useMemo(() => {
    const change = (to: Partial<ReelStanding>) => setStanding((before) => ({ ...before, ...to }));
    const play = () => {
      wanted.current.playing = true;
      change({ playing: true });
      reel.current?.play();
    };
    const pause = () => {
      wanted.current.playing = false;
      change({ playing: false });
      reel.current?.pause();
    };
    return {
      ...standing,
      length,
      speed,
      skip,
      tab,
      play,
      pause,
      toggle: () => (standing.playing ? pause() : play()),
      seek: (ms, other = tab) => {
        const at = Math.min(length, Math.max(0, ms));
        wanted.current.at = at;
        change({ time: at, ended: false });
        if (other === tab) reel.current?.seek(at);
        else setTabName(other);
      },
      setSpeed: (to) => {
        wanted.current.speed = to;
        setSpeedTo(to);
        reel.current?.speed(to);
      },
      setSkip: (to) => {
        wanted.current.skip = to;
        setSkipTo(to);
        reel.current?.skip(to);
      },
      setTab: (to) => {
        wanted.current.at = standing.time;
        setTabName(to);
      },
    };
  }, [standing, length, speed, skip, tab]);
}

/** The first answer is asked for while the screen is still on its way; it is given away once. */
function useEarly(
  project: string,
  opened: Opened,
  tab: string,
  { at, enabled }: { at: number; enabled: boolean },
): (tab: string, after: number) => Promise<Chunk[]> | undefined {
  const asked = useRef<{ tab: string; after: number; chunks: Promise<Chunk[]> } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about how the page was opened
  useEffect(() => {
    const one = opened.tabs.find((known) => known.tab === tab);
    if (!one || !enabled) return;
    const stop = new AbortController();
    const after = firstAfter(one, opened.recording.started_at, at);
    const chunks = chunksAfter(project, opened, tab, after, FIRST_BYTES, stop.signal);
    chunks.catch(() => undefined); // whoever takes it is told
    asked.current = { tab, after, chunks };
    return () => stop.abort();
  }, []);
  return useCallback((of, after) => {
    const found = asked.current;
    if (found?.tab !== of || found.after !== after) return undefined;
    asked.current = null;
    return found.chunks;
  }, []);
}

/** Whether there is nothing new to draw: the time moves in steps that the eye does not see. */
function isAlike(before: ReelStanding, told: ReelStanding, time: number): boolean {
  return (
    Math.abs(before.time - time) < 40 &&
    before.playing === told.playing &&
    before.idle === told.idle &&
    before.ended === told.ended &&
    before.state === told.state &&
    before.from === told.from &&
    before.until === told.until
  );
}

/** The tab in which something happened last before a place. */
function tabAt(opened: Opened, ms: number): Tab | undefined {
  const at = opened.recording.started_at + ms + 1;
  const begun = opened.tabs.filter((tab) => (tab.chunks[0]?.from_at ?? 0) <= at);
  const lively = (tab: Tab) => tab.chunks.findLast((chunk) => chunk.from_at <= at)?.to_at ?? 0;
  return [...(begun.length ? begun : opened.tabs)].sort((one, other) => lively(other) - lively(one))[0];
}
