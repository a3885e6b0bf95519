/** Plays one recording on a screen: fetches its chunks in order, tab by tab, and says where it stands in the time of the visit. */

import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ApiError, api, ask } from "@/api/client";
import type { Recorded, Screen } from "@/replay/screen";
import { type Chunk, lengthOf, type Opened, playable, type Tab } from "./recordings";

const FIRST_BYTES = 300_000;
const MORE_BYTES = 2_000_000;

export const SPEEDS = [0.5, 1, 2, 4, 8] as const;

export interface Player {
  /** ms from the beginning of the visit */
  time: number;
  length: number;
  /** So far it is loaded. */
  loaded: number;
  playing: boolean;
  idle: boolean;
  ended: boolean;
  state: "loading" | "ready" | "broken";
  speed: number;
  skip: boolean;
  tab: string;
  play(): void;
  pause(): void;
  toggle(): void;
  seek(ms: number): void;
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

/** By how much the page's clock of a tab is behind the visit's time. */
function shiftOf(chunk: Chunk | undefined, started: number): number {
  const first = chunk?.events[0];
  return chunk && first ? chunk.from_at - started - first.timestamp : 0;
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
  const [standing, setStanding] = useState({ time: how.at, playing: how.playing, idle: false, ended: false });
  const [loaded, setLoaded] = useState(0);
  const [state, setState] = useState<Player["state"]>("loading");
  const [speed, setSpeedTo] = useState(1);
  const [skip, setSkipTo] = useState(true);
  const shift = useRef(0);
  const wanted = useRef({ at: how.at, playing: how.playing });
  const settings = useRef({ speed, skip });
  settings.current = { speed, skip };
  const begun = useRef(false);
  const complete = useRef(false);

  useEffect(() => {
    if (!screen || !how.enabled || !tab) return;
    const stop = new AbortController();
    const kept: Recorded[] = [];
    begun.current = false;
    complete.current = false;
    setState("loading");
    setLoaded(0);
    void load().catch((error: unknown) => {
      if (!stop.signal.aborted && (error instanceof ApiError || error instanceof Error)) setState("broken");
    });
    return () => stop.abort();

    async function load(): Promise<void> {
      let after = -1;
      let first = true;
      for (;;) {
        const chunks = await chunksAfter(project, opened, tab, after, first ? FIRST_BYTES : MORE_BYTES, stop.signal);
        if (stop.signal.aborted || !screen) return;
        const last = chunks.at(-1);
        if (!last) break;
        if (first) shift.current = shiftOf(chunks[0], started_at);
        first = false;
        after = last.seq;
        const events = chunks.flatMap((chunk) => chunk.events);
        const until = last.to_at - started_at;
        setLoaded(until);
        if (begun.current) {
          screen.add(events);
          continue;
        }
        kept.push(...events);
        if (until >= wanted.current.at) begin();
      }
      complete.current = true;
      begin();
      if (!begun.current) setState("broken");
    }

    function begin(): void {
      const events = playable(kept);
      if (begun.current || events.length < 2 || !screen) return;
      begun.current = true;
      const { at, playing } = wanted.current;
      screen.begin(events, { ...settings.current, at: at - shift.current, playing });
      setState("ready");
    }
  }, [screen, project, opened, tab, how.enabled, started_at]);

  useEffect(() => {
    if (!screen || !how.enabled) return;
    return screen.listen((told) => {
      if (!begun.current) return;
      const time = Math.min(length, Math.max(0, told.time + shift.current));
      const ended = told.ended && complete.current;
      setStanding((before) =>
        Math.abs(before.time - time) < 40 &&
        before.playing === told.playing &&
        before.idle === told.idle &&
        before.ended === ended
          ? before
          : { time, playing: told.playing, idle: told.idle, ended },
      );
    });
  }, [screen, length, how.enabled]);

  // where this tab ends and another goes on, the other is shown
  useEffect(() => {
    if (!standing.ended || !how.enabled) return;
    const next = opened.tabs
      .filter((one) => one.tab !== tab)
      .map((one) => ({
        tab: one.tab,
        from: (one.chunks.find((chunk) => chunk.to_at - started_at > standing.time + 500)?.from_at ?? 0) - started_at,
      }))
      .filter((one) => one.from > -started_at)
      .sort((one, other) => one.from - other.from)[0];
    if (next) {
      wanted.current = { at: Math.max(standing.time, next.from), playing: true };
      setTabName(next.tab);
    }
  }, [standing.ended, standing.time, tab, opened, started_at, how.enabled]);

  return useMemo(() => {
    const seek = (ms: number) => {
      const at = Math.min(length, Math.max(0, ms));
      wanted.current = { at, playing: wanted.current.playing };
      setStanding((before) => ({ ...before, time: at, ended: false }));
      if (begun.current) screen?.seek(at - shift.current);
    };
    const play = () => {
      wanted.current.playing = true;
      screen?.play();
    };
    const pause = () => {
      wanted.current.playing = false;
      screen?.pause();
    };
    return {
      ...standing,
      length,
      loaded,
      state,
      speed,
      skip,
      tab,
      play,
      pause,
      toggle: () => (standing.playing ? pause() : play()),
      seek,
      setSpeed: (to) => {
        setSpeedTo(to);
        screen?.speed(to);
      },
      setSkip: (to) => {
        setSkipTo(to);
        screen?.skip(to);
      },
      setTab: (to) => {
        wanted.current = { at: standing.time, playing: standing.playing };
        setTabName(to);
      },
    };
  }, [standing, length, loaded, state, speed, skip, tab, screen]);
}

/** The tab in which something happened last before a place. */
function tabAt(opened: Opened, ms: number): Tab | undefined {
  const at = opened.recording.started_at + ms + 1;
  const begun = opened.tabs.filter((tab) => (tab.chunks[0]?.from_at ?? 0) <= at);
  const lively = (tab: Tab) => tab.chunks.findLast((chunk) => chunk.from_at <= at)?.to_at ?? 0;
  return [...(begun.length ? begun : opened.tabs)].sort((one, other) => lively(other) - lively(one))[0];
}
