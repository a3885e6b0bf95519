/** What lies further down a page: it comes when it is nearly in sight, or when the page has rested, so that what is looked at comes first. */

import { type ReactNode, Suspense, useEffect, useRef, useState } from "react";

const NEAR = "240px";
const RESTED_MS = 2_500;

/** `height` is what is kept free for it, in px. */
export function WhenSeen({ height, children }: { height: number; children: ReactNode }) {
  const [seen, setSeen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const look = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), { rootMargin: NEAR });
    if (place.current) look.observe(place.current);
    const rested = setTimeout(() => setSeen(true), RESTED_MS);
    return () => {
      look.disconnect();
      clearTimeout(rested);
    };
  }, []);
  const free = <div ref={place} style={{ minHeight: height }} />;
  return seen ? <Suspense fallback={free}>{children}</Suspense> : free;
}
