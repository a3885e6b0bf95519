/** Follows one visit as it goes on: what comes is drawn about a second after it happened, whichever tab it happens in. */

import { useEffect, useRef, useState } from "react";
import { useStream } from "@/api/stream";
import type { Recorded, Screen } from "@/replay/screen";
import { type Chunk, FULL, type Opened, playable } from "./recordings";

/** So long after it happened it is drawn: chunks come every 0.7 s, and what they hold is to be seen moving. */
const BEHIND_MS = 1_000;

export interface Following {
  connected: boolean;
  drawn: boolean;
  /** The latest thing that came, by the server's time. */
  latest: number;
  /** The server's clock, less this reader's. */
  ahead: number;
  watchers: number;
  over: boolean;
  tab: string;
}

/** How the visit stands, as the stream tells it: instants of the server. */
interface Standing {
  ended_at: number;
  at: number;
  open: boolean;
  watchers: number;
}

export function useLive(screen: Screen | null, project: string, opened: Opened, enabled: boolean): Following {
  const [following, setFollowing] = useState<Following>(() => ({
    connected: false,
    drawn: false,
    latest: opened.recording.ended_at,
    ahead: 0,
    watchers: 1,
    over: false,
    tab: "",
  }));
  const drawn = useRef({ tab: "", events: [] as Recorded[] });
  const ahead = useRef(0);
  const known = enabled && screen ? beforeTheLastPictures(opened) : "";
  const query = new URLSearchParams({ viewing: opened.viewing, after: known });
  const url = enabled && screen ? `/api/projects/${project}/recordings/${opened.recording.id}/stream?${query}` : null;
  const connected = useStream<Standing | Chunk>(
    url,
    (message, event) => {
      if (event === "standing") standing(message as Standing);
      else take(message as Chunk);
    },
    ["standing", "chunk"],
  );
  useEffect(() => {
    if (!enabled) drawn.current = { tab: "", events: [] };
  }, [enabled]);
  return { ...following, connected };

  function standing(told: Standing): void {
    ahead.current = told.at - Date.now();
    setFollowing((before) => ({
      ...before,
      ahead: ahead.current,
      watchers: told.watchers,
      over: !told.open,
      latest: Math.max(before.latest, told.ended_at),
    }));
  }

  function take(chunk: Chunk): void {
    if (!screen || chunk.events.length === 0) return;
    const now = drawn.current;
    const isPicture = chunk.events.some((event) => event.type === FULL);
    if (now.tab === chunk.tab && now.events.length === 0) screen.add(chunk.events);
    else if (now.tab !== chunk.tab && (isPicture || now.tab === "")) begin(chunk, []);
    else if (now.tab === chunk.tab) begin(chunk, now.events);
    setFollowing((before) => ({
      ...before,
      drawn: drawn.current.events.length === 0 && drawn.current.tab !== "",
      latest: Math.max(before.latest, chunk.to_at),
      tab: drawn.current.tab,
    }));
  }

  /** The first picture of a tab: until one has come, what came is kept. */
  function begin(chunk: Chunk, before: readonly Recorded[]): void {
    const events = playable([...before, ...chunk.events]);
    const first = chunk.events[0];
    if (events.length < 2 || !first || !screen) {
      drawn.current = { tab: chunk.tab, events: [...before, ...chunk.events] };
      return;
    }
    const shift = chunk.from_at - first.timestamp;
    screen.live(events, Date.now() + ahead.current - shift - BEHIND_MS);
    drawn.current = { tab: chunk.tab, events: [] };
  }
}

/** Of each tab the place right before its last picture; of tabs where nothing happens any more, their end. */
function beforeTheLastPictures(opened: Opened): string {
  const lively = [...opened.tabs].sort((one, other) => (other.chunks.at(-1)?.to_at ?? 0) - (one.chunks.at(-1)?.to_at ?? 0))[0];
  return opened.tabs
    .map((tab) => {
      const end = tab.chunks.at(-1)?.seq ?? -1;
      const picture = tab.chunks.findLast((chunk) => chunk.full)?.seq ?? 0;
      const known = tab === lively ? picture - 1 : end;
      return known >= 0 ? `${tab.tab}.${known}` : "";
    })
    .filter(Boolean)
    .join(",");
}
