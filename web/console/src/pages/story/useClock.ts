/** What time it is, told again when an instant has passed. */

import { useEffect, useState } from "react";

const LONGEST_MS = 2 ** 31 - 1;

export function useNow(until: number | undefined): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const left = (until ?? 0) - Date.now();
    if (left <= 0 || left > LONGEST_MS) return;
    const timer = setTimeout(() => setNow(Date.now()), left + 50);
    return () => clearTimeout(timer);
  }, [until]);
  return now;
}
