/** The address may name a moment of the story, by its place in the log: it is loaded, brought into sight, and marked. */

import { useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Bank } from "./moments";

interface Older {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** The place of the row that tells of it; 0 when none is sought. */
export function useSought(query: Older, banks: readonly Bank[]): number {
  const { moment } = useSearch({ strict: false }) as { moment?: number };
  const sought = Number(moment) || 0;
  const [found, setFound] = useState({ sought: 0, row: 0 });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (!sought || found.sought === sought || isFetchingNextPage) return;
    const places = banks.flatMap((bank) => bank.items.map((item) => item.moment.position));
    if (!places.length) return;
    const before = places.filter((place) => place <= sought);
    // what is told of a message hangs where it was decided for, which is before
    if (before.length) setFound({ sought, row: Math.max(...before) });
    else if (hasNextPage) fetchNextPage();
    else setFound({ sought, row: Math.min(...places) });
  }, [sought, found, banks, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const row = found.sought === sought ? found.row : 0;
  useEffect(() => {
    if (row) document.querySelector(`[data-position="${row}"]`)?.scrollIntoView({ block: "center" });
  }, [row]);
  return row;
}
