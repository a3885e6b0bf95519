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
  const [near, setNear] = useState(false);
  const [begun, setBegun] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const asking = useIsFetching() > 0;
  useEffect(() => {
    const look = new IntersectionObserver((entries) => setNear(entries.some((one) => one.isIntersecting)), { rootMargin: NEAR });
    if (place.current) look.observe(place.current);
    const rested = setTimeout(() => setBegun(true), RESTED_MS);
    return () => {
      look.disconnect();
      clearTimeout(rested);
    };
  }, []);
  useEffect(() => {
    if (!near || asking) return;
    const quiet = setTimeout(() => setBegun(true), QUIET_MS);
    return () => clearTimeout(quiet);
  }, [near, asking]);
  const free = <SkeletonBlock height={height} />;
  return (
    <div ref={place} data-later>
      {begun ? <Suspense fallback={free}>{children}</Suspense> : free}
    </div>
  );
}
