/** Server-sent events: what happens now, as it happens. The browser reconnects by itself. */

import { useEffect, useRef, useState } from "react";

/** Calls `heard` with each JSON message of a stream while the page is shown; says whether it is connected. */
export function useStream<T>(
  url: string | null,
  heard: (message: T, event: string) => void,
  events: readonly string[] = ["message"],
): boolean {
  const [connected, setConnected] = useState(false);
  const latest = useRef(heard);
  latest.current = heard;
  const names = events.join(" ");
  useEffect(() => {
    if (url === null) return;
    let source: EventSource | null = null;
    const close = () => {
      source?.close();
      source = null;
      setConnected(false);
    };
    const open = () => {
      if (document.hidden) return close(); // a browser has six connections to one host, for all its tabs together
      if (source) return;
      source = new EventSource(url, { withCredentials: true });
      source.onopen = () => setConnected(true);
      source.onerror = () => setConnected(false);
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
  }, [url, names]);
  return connected;
}
