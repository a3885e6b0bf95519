/** People as a table: who, and what one wanted to see of them. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { SegmentChip } from "@/parts/links";
import { Crest } from "@/people/Crest";
import { type Names, useNames, usePersonName } from "@/people/names";
import { words as said } from "@/people/words";
import { useProject } from "@/shell/session";
import type { Formats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./People.module.css";
import { ATTRIBUTE, type Plain } from "./search";
import { words } from "./words";

type Person = Schemas["Person"];
const SEGMENTS_SHOWN = 3;
const DEVICE: readonly Plain[] = ["device", "os", "browser", "language", "country"];
const NUMBERS: readonly string[] = ["visits", "views"];

export function List({ people, columns, formats }: { people: readonly Person[]; columns: readonly string[]; formats: Formats }) {
  const say = useWords(words);
  const names = useNames();
  const project = useProject();
  const called = usePersonName();
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{say.person}</th>
          {columns.map((column) => (
            <th key={column} scope="col" data-number={NUMBERS.includes(column) || undefined}>
              {column.startsWith(ATTRIBUTE) ? column.slice(ATTRIBUTE.length) : say.names[column as Plain]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {people.map((person) => (
          <tr key={person.person}>
            <th scope="row">
              <Link to={`/p/${project.id}/people/${encodeURIComponent(person.person)}`} className={styles.who}>
                <Crest person={person.person} size={28} />
                <span>{called({ ...person, name: nameOf(person) })}</span>
              </Link>
            </th>
            {columns.map((column) => (
              <td key={column} data-number={NUMBERS.includes(column) || undefined}>
                <Cell person={person} column={column} names={names} formats={formats} project={project.id} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The attribute ``name``, as far as it is a text. */
export function nameOf(person: Person): string {
  const name = person.attributes.name?.[0];
  return typeof name === "string" ? name : "";
}

function Cell({
  person,
  column,
  names,
  formats,
  project,
}: {
  person: Person;
  column: string;
  names: Names;
  formats: Formats;
  project: string;
}): ReactNode {
  const say = useWords(words);
  const { devices } = useWords(said);
  if (column.startsWith(ATTRIBUTE)) return (person.attributes[column.slice(ATTRIBUTE.length)] ?? []).map(String).join(" / ");
  switch (column) {
    case "user_id":
      return person.user_id ?? <span className="muted">–</span>;
    case "last_seen_at":
      return <time title={formats.dateTime(person.last_seen_at)}>{formats.ago(person.last_seen_at)}</time>;
    case "first_seen_at":
      return formats.dateTime(person.first_seen_at);
    case "visits":
      return formats.number(person.visits);
    case "views":
      return formats.number(person.views);
    case "segments":
      return (
        <span className={styles.chips}>
          {person.segments.slice(0, SEGMENTS_SHOWN).map((segment) => (
            <SegmentChip key={segment} project={project} segment={segment}>
              {names.segment(segment)}
            </SegmentChip>
          ))}
          {person.segments.length > SEGMENTS_SHOWN && (
            <span className="muted" title={person.segments.slice(SEGMENTS_SHOWN).map(names.segment).join(" / ")}>
              {say.others(formats.number(person.segments.length - SEGMENTS_SHOWN))}
            </span>
          )}
        </span>
      );
    default: {
      const value = person.device[DEVICE.indexOf(column as Plain)];
      if (column === "device") return value ? devices[value as keyof typeof devices] : "";
      return value ?? "";
    }
  }
}
