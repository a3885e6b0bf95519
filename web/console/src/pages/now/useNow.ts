/** Who is on the site: everything at first, then only what changes. Faces keep their place while they are here. */

import { useCallback, useMemo, useState } from "react";
import type { Schemas } from "@/api/client";
import { useStream } from "@/api/stream";

export type Told = Schemas["Now"];
export type Face = Schemas["Face"];

export interface Site {
  told: Told | null;
  /** Whoever came last stands first. */
  faces: readonly Face[];
  connected: boolean;
}

export function useNow(project: string): Site {
  const [state, setState] = useState<{ told: Told; faces: ReadonlyMap<string, Face> } | null>(null);
  const heard = useCallback((told: Told, event: string) => {
    setState((before) => {
      const faces = new Map(event === "now" || !before ? [] : before.faces);
      for (const person of told.gone) faces.delete(person);
      for (const face of told.faces) faces.set(face.person, face);
      return { told, faces };
    });
  }, []);
  const connected = useStream<Told>(`/api/projects/${project}/now/stream`, heard, ["now", "change"]);
  const faces = useMemo(
    () =>
      state
        ? [...state.faces.values()].sort((one, other) => other.since - one.since || (one.person < other.person ? -1 : 1))
        : [],
    [state],
  );
  return { told: state?.told ?? null, faces, connected };
}
