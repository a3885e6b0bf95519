/** What a new condition can be about, as one list to search. */

import { useMemo } from "react";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import { useHouse } from "./house";
import type { Rule } from "./tree";
import type { KnownField } from "./vocabulary";
import type { Choice } from "./Word";
import { words } from "./words";

const PARAMETER = "name";

export function factGroup(name: string): "visits" | "device" | "session" | "previous" | "first" | "page" {
  if (name.startsWith("session.")) return "session";
  if (name.startsWith("previous_session.")) return "previous";
  if (name.startsWith("first.")) return "first";
  if (name.startsWith("page.")) return "page";
  return ["device", "os", "browser", "language", "country"].includes(name) ? "device" : "visits";
}

export function useEventChoices(): Choice[] {
  const say = useWords(words);
  const format = useFormats();
  const pick = usePick();
  const { events } = useHouse().words;
  return useMemo(
    () =>
      events.map((event) => ({
        value: event.name,
        label: pick(event),
        also: event.name,
        group: event.sent_as ? say.kinds.derived : say.kinds.events,
        hint: event.sent_as
          ? say.sentAs(event.sent_as)
          : `${pick(event) === event.name ? "" : `${event.name} · `}${say.seen(format.compact(event.events))}`,
      })),
    [events, say, format, pick],
  );
}

export function useFieldChoices(fields: readonly KnownField[]): Choice[] {
  const say = useWords(words);
  return useMemo(() => fields.map((field) => ({ value: field.path, label: field.path, group: say.kinds.fields })), [fields, say]);
}

export function useFactChoices(): Choice[] {
  const say = useWords(words);
  const pick = usePick();
  const { facts } = useHouse().words;
  return useMemo(
    () => facts.map((fact) => ({ value: fact.name, label: pick(fact), also: fact.name, group: say.kinds[factGroup(fact.name)] })),
    [facts, say, pick],
  );
}

/** Everything a condition over a person can begin with; each value says how to begin. */
export function useBeginnings(): Choice[] {
  const say = useWords(words);
  const pick = usePick();
  const { attributes, segments, lists, purposes } = useHouse().words;
  const events = useEventChoices();
  const facts = useFactChoices();
  return useMemo(
    () => [
      ...events.map((choice) => ({ ...choice, value: `event:${choice.value}` })),
      ...facts.map((choice) => ({ ...choice, value: `fact:${choice.value}` })),
      ...attributes.map(({ path }) => ({ value: `attribute:${path}`, label: path, group: say.kinds.attributes })),
      ...segments.map((one) => ({ value: `segment:${one.name}`, label: pick(one), also: one.name, group: say.kinds.segments })),
      ...lists.map((name) => ({ value: `list:${name}`, label: name, group: say.kinds.lists })),
      ...purposes.map((name) => ({ value: `consent:${name}`, label: say.consentOf(name), group: say.kinds.consents })),
    ],
    [events, facts, attributes, segments, lists, purposes, say, pick],
  );
}

/** A condition that is right at once, to be changed word by word. */
export function begun(choice: string, kindOfFact: (name: string) => string): Rule {
  const [what = "", ...rest] = choice.split(":");
  const name = rest.join(":");
  switch (what) {
    case "event":
      return { event: name, op: "exists" };
    case "fact":
      return ofFact(name.replace(/\.X$/, `.${PARAMETER}`), kindOfFact(name));
    case "attribute":
      return { attribute: name, op: "exists" };
    case "segment":
      return { segment: name };
    case "list":
      return { list: name };
    case "consent":
      return { consent: name, op: "=", value: "granted" };
    default:
      return { field: name, op: "exists" };
  }
}

function ofFact(fact: string, kind: string): Rule {
  if (kind === "boolean") return { fact, op: "=", value: true };
  if (kind === "number") return { fact, op: ">=", value: 1 };
  if (kind === "instant") return { fact, op: ">=", value: { today: -7 } };
  return { fact, op: "exists" };
}
