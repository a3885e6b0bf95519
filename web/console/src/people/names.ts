/** What the project calls its things, and what a person is called. */

import { useQuery } from "@tanstack/react-query";
import { names as namesOf } from "@/api/asked";
import type { Schemas } from "@/api/client";
import { useProject } from "@/shell/session";
import { usePick, useWords } from "@/words/words";
import { words } from "./words";

export type Vocabulary = Schemas["Vocabulary"];

export interface Names {
  campaign(id: string): string;
  segment(id: string): string;
  action(id: string): string;
  event(name: string): string;
  /** What happened, said of somebody. */
  did(name: string): string;
  gate(name: string): string;
  all: Vocabulary | undefined;
}

export function useNames(): Names {
  const project = useProject();
  const pick = usePick();
  const say = useWords(words);
  const { data } = useQuery(namesOf(project.id));
  const called = (kind: Exclude<keyof Vocabulary, "project">, id: string): string => {
    const name = data?.[kind][id];
    return name ? pick(name) : id;
  };
  return {
    campaign: (id) => called("campaigns", id),
    segment: (id) => called("segments", id),
    action: (id) => called("actions", id),
    event: (name) => called("events", name),
    did: (name) => said(say.events, name) ?? called("events", name),
    gate: (name) => said(say.gates, name) ?? name,
    all: data,
  };
}

/** A word by a key that comes from outside. */
export function said(words: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(words, key) ? words[key] : undefined;
}

/** What somebody is called on a page: their name, else the member id, else the beginning of the visitor id. */
export function usePersonName(): (one: { person: string; name?: string; user_id?: string | null }) => string {
  const say = useWords(words);
  return (one) => one.name || one.user_id || say.visitor(one.person.slice(0, 6));
}
