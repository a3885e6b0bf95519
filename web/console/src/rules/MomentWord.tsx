/** An instant as a word: so long ago, a day counted from today, or a date. */

import { Button, NumberInput, Popover, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./rules.module.css";
import type { Moment } from "./tree";
import { words } from "./words";

type Form = "ago" | "today" | "date";
type Unit = "minutes" | "hours" | "days" | "weeks";

function useMomentName(): (moment: Moment) => string {
  const say = useWords(words).moments;
  const { number } = useFormats();
  return (moment) => {
    if ("date" in moment) return moment.date.replace("T", " ");
    if ("today" in moment) {
      if (moment.today === 0) return say.today;
      if (moment.today === -1) return say.yesterday;
      if (moment.today === 1) return say.tomorrow;
      return moment.today < 0 ? say.daysBefore(number(-moment.today)) : say.daysAfter(number(moment.today));
    }
    const found = /^(\d+) +(minute|hour|day|week)s?$/.exec(moment.ago);
    return found ? say[`${found[2]}s` as Unit](number(Number(found[1]))) : moment.ago;
  };
}

export function MomentWord({
  value,
  forms,
  onChange,
}: {
  value: Moment;
  /** Filters take dates only; `=` takes no "ago". */
  forms: readonly Form[];
  onChange: (moment: Moment) => void;
}) {
  const say = useWords(words);
  const name = useMomentName();
  const [opened, setOpened] = useState(false);
  const [form, setForm] = useState<Form>("date" in value ? "date" : "today" in value ? "today" : "ago");
  const past = "ago" in value ? /^(\d+) +(minute|hour|day|week)/.exec(value.ago) : null;
  const [n, setN] = useState<number | string>(past ? Number(past[1]) : "today" in value ? -value.today : 7);
  const [unit, setUnit] = useState<Unit>(past ? (`${past[2]}s` as Unit) : "days");
  const [date, setDate] = useState("date" in value ? value.date : "");
  const usable = forms.includes(form) ? form : (forms[0] ?? "date");
  const made: Moment | null =
    usable === "date"
      ? date
        ? { date }
        : null
      : n === ""
        ? null
        : usable === "ago"
          ? { ago: `${n} ${unit}` }
          : { today: -Number(n) };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="sm" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={styles.word} data-tone="value" title={say.value} onClick={() => setOpened(!opened)}>
          {name(value)}
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.pop} aria-label={say.value}>
        {forms.length > 1 && (
          <SegmentedControl
            size="xs"
            value={usable}
            onChange={(picked) => setForm(picked as Form)}
            data={forms.map((each) => ({ value: each, label: say.pick[each] }))}
          />
        )}
        <div className={styles.popRow}>
          {usable === "date" ? (
            <TextInput
              size="xs"
              type={date.includes("T") ? "datetime-local" : "date"}
              label={say.pick.date}
              value={date}
              onChange={(event) => setDate(event.currentTarget.value)}
            />
          ) : (
            <NumberInput
              size="xs"
              label={usable === "ago" ? say.pick.last : say.moments.daysBefore("n")}
              description={usable === "today" ? say.pick.dayHint : undefined}
              value={n}
              onChange={setN}
              allowDecimal={false}
              min={usable === "ago" ? 1 : undefined}
              w={110}
            />
          )}
          {usable === "ago" && (
            <Select
              size="xs"
              label={say.pick.unit}
              value={unit}
              onChange={(picked) => setUnit((picked ?? "days") as Unit)}
              data={(["minutes", "hours", "days", "weeks"] as const).map((each) => ({ value: each, label: say.pick[each] }))}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
              w={104}
            />
          )}
          <Button
            size="xs"
            disabled={!made}
            onClick={() => {
              if (made) onChange(made);
              setOpened(false);
            }}
          >
            {say.pick.apply}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
