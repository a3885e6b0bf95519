/** Which visitor of the site this browser is, for whoever is signed in: kept in this browser only. */

import { useCallback, useState } from "react";
import { useMe } from "@/shell/session";

/** `introduction` is what proves it to the console. */
export interface Myself {
  visitor: string;
  introduction: string;
}

export function useMyself(project: string): [Myself | null, (next: Myself | null) => void] {
  const { id } = useMe();
  const name = `omotenashi-myself:${id}:${project}`;
  const [myself, setMyself] = useState<Myself | null>(() => recalled<Myself>(localStorage, name));
  const change = useCallback(
    (next: Myself | null) => {
      setMyself((now) => {
        if (now?.visitor === next?.visitor && now?.introduction === next?.introduction) return now;
        keep(localStorage, name, next);
        return next;
      });
    },
    [name],
  );
  return [myself, change];
}

/** What was kept; null when there is nothing, or nothing that can be read. */
export function recalled<T>(area: Storage, name: string): T | null {
  try {
    return JSON.parse(area.getItem(name) ?? "null") as T | null;
  } catch {
    return null;
  }
}

export function keep(area: Storage, name: string, value: unknown): void {
  if (value === null) area.removeItem(name);
  else area.setItem(name, JSON.stringify(value));
}
