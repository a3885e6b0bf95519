/** Over which time something is looked at: a word that opens the usual spans, any number of days, and two dates. */

import { Button, NumberInput, Popover, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./rules.module.css";
import type { Period as Written } from "./tree";
import { words } from "./words";

const USUAL = ["all", "session", "previous_session", "1 days", "24 hours", "7 days", "30 days", "90 days"] as const;

/** "7 days" as number and unit; null for what is not such a span. */
function span(period: Written | undefined): { n: number; unit: "hours" | "days" | "weeks" } | null {
  const found = typeof period === "string" ? /^(\d+) +(hour|day|week)s?$/.exec(period) : null;
  return found ? { n: Number(found[1]), unit: `${found[2]}s` as "hours" | "days" | "weeks" } : null;
}

export function usePeriodName(): (period: Written | undefined) => string {
  const say = useWords(words).periods;
  const format = useFormats();
  return (period) => {
    if (period === undefined || period === "all") return say.all;
    if (period === "session") return say.session;
    if (period === "previous_session") return say.previous_session;
    if (typeof period === "object") return say.between(period.between[0], period.between[1]);
    const length = span(period);
    if (!length) return period;
    return length.unit === "days" && length.n === 1 ? say.today : say[length.unit](format.number(length.n));
  };
}

export function Period({ value, onChange }: { value: Written | undefined; onChange: (period: Written | undefined) => void }) {
  const say = useWords(words);
  const name = usePeriodName();
  const [opened, setOpened] = useState(false);
  const length = span(value) ?? { n: 30, unit: "days" as const };
  const [n, setN] = useState<number | string>(length.n);
  const [unit, setUnit] = useState<string>(length.unit);
  const dates = typeof value === "object" ? value.between : ["", ""];
  const [start, setStart] = useState(dates[0] ?? "");
  const [end, setEnd] = useState(dates[1] ?? "");
  const pick = (period: Written | undefined) => {
    onChange(period === "all" ? undefined : period);
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="sm" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={styles.word} data-tone="quiet" title={say.period} onClick={() => setOpened(!opened)}>
          {name(value)}
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.pop} aria-label={say.period}>
        <div className={styles.usual}>
          {USUAL.map((one) => (
            <Button
              key={one}
              size="compact-sm"
              variant={(value ?? "all") === one ? "light" : "subtle"}
              onClick={() => pick(one)}
              justify="flex-start"
            >
              {name(one)}
            </Button>
          ))}
        </div>
        <div className={styles.popRow}>
          <NumberInput
            size="xs"
            label={say.pick.last}
            value={n}
            onChange={setN}
            min={1}
            max={unit === "hours" ? 72 : unit === "weeks" ? 52 : 366}
            allowDecimal={false}
            w={84}
          />
          <Select
            size="xs"
            label={say.pick.unit}
            value={unit}
            onChange={(picked) => setUnit(picked ?? "days")}
            data={(["hours", "days", "weeks"] as const).map((each) => ({ value: each, label: say.pick[each] }))}
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
            w={104}
          />
          <Button size="xs" disabled={!Number(n)} onClick={() => pick(`${n} ${unit}`)}>
            {say.pick.apply}
          </Button>
        </div>
        <div className={styles.popRow}>
          <TextInput
            size="xs"
            type="date"
            label={say.pick.from}
            value={start}
            onChange={(event) => setStart(event.currentTarget.value)}
          />
          <TextInput
            size="xs"
            type="date"
            label={say.pick.to}
            value={end}
            onChange={(event) => setEnd(event.currentTarget.value)}
          />
          <Button size="xs" disabled={!start || !end || start > end} onClick={() => pick({ between: [start, end] })}>
            {say.pick.apply}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
