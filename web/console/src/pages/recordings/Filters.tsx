/** The conditions a recording is found by. Simple ones stand open; a rule about the person is built as everywhere. */

import { ActionIcon, Button, Checkbox, MultiSelect, NumberInput, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, ask } from "@/api/client";
import { said, useNames } from "@/people/names";
import { words as people } from "@/people/words";
import { RuleBuilder } from "@/rules/LateRuleBuilder";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { usePick, useWords } from "@/words/words";
import styles from "./Recordings.module.css";
import { type Sought, TROUBLE } from "./recordings";
import { NOTHING, ruleOf, type Simple, simply } from "./simple";
import { words } from "./words";

const EXAMPLE = "/items/";

type Event = NonNullable<Sought["events"]>[number];
type How = "audience" | "saw" | "clicked" | "closed" | "withheld" | "holdout";
type Device = "phone" | "tablet" | "desktop";

const HOWS: readonly How[] = ["saw", "clicked", "closed", "holdout", "withheld", "audience"];
const DEVICES: readonly Device[] = ["phone", "tablet", "desktop"];
const LENGTHS = { any: [0, 0], short: [0, 30], middle: [30, 300], long: [300, 0] } as const;
const MOST_EVENTS = 10;
const VISITS = [2, 3, 5, 10] as const;
const GATES = ["audience", "page", "consent", "frequency", "stopped", "cap", "gap", "suppressed"] as const;

export function Filters({ sought, seek, labels }: { sought: Sought; seek: (to: Sought) => void; labels: readonly string[] }) {
  const say = useWords(words).filters;
  const trouble = useWords(words).trouble;
  const said_ = useWords(people);
  const project = useProject();
  const pick = usePick();
  const names = useNames();
  const { number } = useFormats();
  const events = useQuery({
    queryKey: ["rule-vocabulary-events", project.id],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/names", { params: { path: { project: project.id } }, signal })),
    staleTime: 60_000,
  });
  const campaign = sought.campaigns?.[0];
  const put = (change: Sought) => seek({ ...sought, ...change });
  const simple = simply(sought.rule);
  const who = (change: Partial<Simple>) => put({ rule: ruleOf({ ...NOTHING, ...simple, ...change }) as never });
  const length =
    (Object.keys(LENGTHS) as (keyof typeof LENGTHS)[]).find(
      (one) => LENGTHS[one][0] === (sought.shortest ?? 0) && LENGTHS[one][1] === (sought.longest ?? 0),
    ) ?? "any";
  const called = (kind: "campaigns" | "events" | "segments") =>
    Object.entries(events.data?.[kind] ?? {})
      .map(([value, name]) => ({ value, label: kind === "events" ? names.event(value) : pick(name) }))
      .sort((one, other) => one.label.localeCompare(other.label));
  return (
    <div className={styles.filters}>
      <Select
        label={say.campaign}
        placeholder={say.any}
        clearable
        searchable
        data={called("campaigns")}
        value={campaign?.campaign ?? null}
        onChange={(to) => put({ campaigns: to ? [{ how: "saw", gate: "", never: false, ...campaign, campaign: to }] : [] })}
      />
      {campaign && (
        <Select
          label={say.how}
          allowDeselect={false}
          data={HOWS.map((one) => ({ value: one, label: say.hows[one] }))}
          value={campaign.how}
          onChange={(to) =>
            to && put({ campaigns: [{ ...campaign, how: to as How, gate: to === "withheld" ? campaign.gate : "" }] })
          }
        />
      )}
      {campaign?.how === "withheld" && (
        <Select
          label={say.gate}
          placeholder={say.any}
          clearable
          data={[...new Set([...GATES, ...(campaign.gate ? [campaign.gate] : [])])].map((one) => ({
            value: one,
            label: said(said_.gates, one) ?? one,
          }))}
          value={campaign.gate || null}
          onChange={(to) => put({ campaigns: [{ ...campaign, gate: to ?? "" }] })}
        />
      )}
      <Select
        label={say.segment}
        placeholder={say.any}
        clearable
        searchable
        disabled={!simple}
        data={called("segments")}
        value={simple?.segment || null}
        onChange={(to) => who({ segment: to ?? "" })}
      />
      <Select
        label={say.who}
        allowDeselect={false}
        disabled={!simple}
        data={(["", "member", "visitor"] as const).map((one) => ({ value: one, label: say.whos[one] }))}
        value={simple?.kind ?? ""}
        onChange={(to) => who({ kind: (to ?? "") as Simple["kind"] })}
      />
      <Select
        label={say.visits}
        placeholder={say.any}
        clearable
        disabled={!simple}
        data={[...new Set([...VISITS, ...(simple?.visits ? [simple.visits] : [])])]
          .sort((one, other) => one - other)
          .map((one) => ({ value: String(one), label: say.atLeast(number(one)) }))}
        value={simple?.visits ? String(simple.visits) : null}
        onChange={(to) => who({ visits: Number(to) || 0 })}
      />
      <MultiSelect
        label={say.device}
        placeholder={sought.devices?.length ? "" : say.any}
        data={DEVICES.map((one) => ({ value: one, label: said_.devices[one] }))}
        value={sought.devices ?? []}
        onChange={(to) => put({ devices: to as Device[] })}
      />
      <Select
        label={say.length}
        allowDeselect={false}
        data={(Object.keys(LENGTHS) as (keyof typeof LENGTHS)[]).map((one) => ({ value: one, label: say.lengths[one] }))}
        value={length}
        onChange={(to) => {
          const [shortest, longest] = LENGTHS[(to ?? "any") as keyof typeof LENGTHS];
          put({ shortest, longest });
        }}
      />
      <PageText value={sought.page ?? ""} change={(page) => put({ page })} />
      <NumberInput
        label={say.clicks}
        min={0}
        max={10_000}
        value={sought.clicks || ""}
        placeholder="0"
        onChange={(to) => put({ clicks: Number(to) || 0 })}
      />
      <NumberInput
        label={say.pages}
        min={0}
        max={1_000}
        value={sought.pages || ""}
        placeholder="0"
        onChange={(to) => put({ pages: Number(to) || 0 })}
      />
      <MultiSelect
        label={say.trouble}
        placeholder={sought.trouble?.length ? "" : say.any}
        data={TROUBLE.map((one) => ({ value: one, label: trouble[one] }))}
        value={sought.trouble ?? []}
        onChange={(to) => put({ trouble: to })}
      />
      <Select
        label={say.watched}
        allowDeselect={false}
        data={(Object.keys(say.watcheds) as (keyof typeof say.watcheds)[]).map((one) => ({
          value: one,
          label: say.watcheds[one],
        }))}
        value={sought.watched ?? ""}
        onChange={(to) => put({ watched: (to ?? "") as keyof typeof say.watcheds })}
      />
      <Select
        label={say.label}
        placeholder={say.any}
        clearable
        data={[...new Set([...labels, ...(sought.label ? [sought.label] : [])])]}
        value={sought.label || null}
        onChange={(to) => put({ label: to ?? "" })}
      />
      <div className={styles.checks}>
        <Checkbox
          label={say.conflict}
          checked={sought.conflict ?? false}
          onChange={(e) => put({ conflict: e.currentTarget.checked })}
        />
        <Checkbox label={say.noted} checked={sought.noted ?? false} onChange={(e) => put({ noted: e.currentTarget.checked })} />
      </div>
      <section className={styles.rule} aria-label={say.event}>
        <h3>{say.event}</h3>
        {(sought.events ?? []).map((one, place) => (
          <OneEvent
            // biome-ignore lint/suspicious/noArrayIndexKey: a condition has no name but its place
            key={place}
            one={one}
            choices={called("events")}
            change={(to) => put({ events: (sought.events ?? []).map((known, at) => (at === place ? to : known)) })}
            remove={() => put({ events: (sought.events ?? []).filter((_, at) => at !== place) })}
          />
        ))}
        {(sought.events ?? []).length < MOST_EVENTS && (
          <Select
            key={(sought.events ?? []).length}
            aria-label={say.addEvent}
            placeholder={say.addEvent}
            searchable
            w={260}
            data={called("events")}
            value={null}
            onChange={(to) => to && put({ events: [...(sought.events ?? []), { event: to, never: false }] })}
          />
        )}
      </section>
      <details className={styles.rule} open={!simple || undefined}>
        <summary>{say.person}</summary>
        <RuleBuilder
          project={project.id}
          value={sought.rule as never}
          onChange={(rule) => put({ rule: rule as unknown as Sought["rule"] })}
        />
      </details>
    </div>
  );
}

/** An event of the visit, or one that must not be in it; with conditions on its values if they are asked for. */
function OneEvent({
  one,
  choices,
  change,
  remove,
}: {
  one: Event;
  choices: { value: string; label: string }[];
  change: (to: Event) => void;
  remove: () => void;
}) {
  const say = useWords(words).filters;
  const common = useWords(shared);
  const project = useProject();
  const label = choices.find((known) => known.value === one.event)?.label ?? one.event;
  return (
    <div className={styles.event}>
      <div className={styles.eventHead}>
        <b>{label}</b>
        <SegmentedControl
          size="xs"
          aria-label={`${label}: ${say.event}`}
          value={one.never ? "never" : "did"}
          onChange={(to) => change({ ...one, never: to === "never" })}
          data={[
            { value: "did", label: say.did },
            { value: "never", label: say.not },
          ]}
        />
        {!one.where && (
          <Button size="compact-xs" variant="subtle" onClick={() => change({ ...one, where: [] as never })}>
            {say.where}
          </Button>
        )}
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${common.remove}: ${label}`} onClick={remove}>
          <IconX size={15} stroke={1.6} />
        </ActionIcon>
      </div>
      {one.where !== undefined && one.where !== null && (
        <RuleBuilder
          project={project.id}
          scope="filter"
          event={one.event}
          value={one.where as never}
          onChange={(where) => change({ ...one, where: where as never })}
        />
      )}
    </div>
  );
}

function PageText({ value, change }: { value: string; change: (to: string) => void }) {
  const say = useWords(words).filters;
  const [text, setText] = useState(value);
  const asked = useDebouncedCallback((to: string) => change(to.trim()), 300);
  useEffect(() => setText((typed) => (typed.trim() === value ? typed : value)), [value]);
  return (
    <TextInput
      label={say.page}
      placeholder={EXAMPLE}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        asked(event.currentTarget.value);
      }}
    />
  );
}

/** How many days back, as the page offers it. */
export function Since({ sought, seek }: { sought: Sought; seek: (to: Sought) => void }) {
  const say = useWords(words).filters;
  const { number } = useFormats();
  const days = sought.since ? Math.round((Date.now() - sought.since) / 86_400_000) : 30;
  const known = [1, 7, 30, 90];
  return (
    <Select
      aria-label={say.since}
      allowDeselect={false}
      w={140}
      data={[...new Set([...known, days])]
        .sort((a, b) => a - b)
        .map((one) => ({ value: String(one), label: say.days(number(one)) }))}
      value={String(days)}
      onChange={(to) => seek({ ...sought, since: to === "30" ? 0 : midnight(Number(to)) })}
    />
  );
}

/** The same instant all day, so that what was asked is remembered. */
function midnight(days: number): number {
  const hour = 3_600_000;
  return Math.floor(Date.now() / hour) * hour - days * 86_400_000;
}

export function Order({ sought, seek }: { sought: Sought; seek: (to: Sought) => void }) {
  const say = useWords(words).filters;
  const orders = Object.keys(say.orders) as (keyof typeof say.orders)[];
  return (
    <Select
      aria-label={say.order}
      allowDeselect={false}
      w={160}
      data={orders.map((one) => ({ value: one, label: say.orders[one] }))}
      value={sought.order ?? "latest"}
      onChange={(to) =>
        seek({ ...sought, order: (to ?? "latest") as keyof typeof say.orders, seed: to === "random" ? Date.now() % 100_000 : 0 })
      }
    />
  );
}
