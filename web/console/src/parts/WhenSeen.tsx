/** What lies further down a page: it comes when it is nearly in sight and what is above it has its answers, or when the page has rested. */

import { useIsFetching } from "@tanstack/react-query";
import { type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { SkeletonBlock } from "./states";

const NEAR = "240px";
/** One answer often leads to the next question. */
const QUIET_MS = 200;
const RESTED_MS = 2_500;

/** `height` is what is kept free for it, in px. */
export function WhenSeen({ height, children }: { height: number; children: ReactNode }) {
  const [begun, setBegun] = useState(false);
  const free = <SkeletonBlock height={height} />;
  return (
    <div data-later>{begun ? <Suspense fallback={free}>{children}</Suspense> : <Waiting begin={setBegun}>{free}</Waiting>}</div>
  );
}

/** Looks out from its place until it is time; gone then, and nothing of it works on. */
function Waiting({ begin, children }: { begin: (now: true) => void; children: ReactNode }) {
  const [near, setNear] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const asking = useIsFetching() > 0;
  useEffect(() => {
    const look = new IntersectionObserver((entries) => setNear(entries.some((one) => one.isIntersecting)), { rootMargin: NEAR });
    if (place.current) look.observe(place.current);
    const rested = setTimeout(() => begin(true), RESTED_MS);
    return () => {
      look.disconnect();
      clearTimeout(rested);
    };
  }, [begin]);
  useEffect(() => {
    if (!near || asking) return;
    const quiet = setTimeout(() => begin(true), QUIET_MS);
    return () => clearTimeout(quiet);
  }, [near, asking, begin]);
  return <div ref={place}>{children}</div>;
}
