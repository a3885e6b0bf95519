/** Server-sent events: what happens now, as it happens. The browser reconnects by itself, unless it was refused. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

const REFUSED_MS = 10_000;

/** Calls `heard` with each JSON message of a stream while the page is shown; says whether it is connected. */
export function useStream<T>(
  url: string | null,
  heard: (message: T, event: string) => void,
  events: readonly string[] = ["message"],
): boolean {
  const [connected, setConnected] = useState(false);
  const client = useQueryClient();
  const latest = useRef(heard);
  latest.current = heard;
  const names = events.join(" ");
  useEffect(() => {
    if (url === null) return;
    let source: EventSource | null = null;
    let again: ReturnType<typeof setTimeout> | undefined;
    const close = () => {
      clearTimeout(again);
      source?.close();
      source = null;
      setConnected(false);
    };
    const open = () => {
      if (document.hidden) return close(); // a browser has six connections to one host, for all its tabs together
      if (source) return;
      source = new EventSource(url, { withCredentials: true });
      source.onopen = () => setConnected(true);
      source.onerror = () => {
        setConnected(false);
        if (source?.readyState !== EventSource.CLOSED) return;
        void client.invalidateQueries(); // the session may be over, or a right gone: whoever asks anything is told
        close();
        again = setTimeout(open, REFUSED_MS);
      };
      for (const name of names.split(" ")) {
        source.addEventListener(name, (event) => latest.current(JSON.parse((event as MessageEvent<string>).data) as T, name));
      }
    };
    open();
    document.addEventListener("visibilitychange", open);
    return () => {
      document.removeEventListener("visibilitychange", open);
      close();
    };
  }, [url, names, client]);
  return connected;
}
