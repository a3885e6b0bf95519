/** Which days the report tells of. The verdict always rests on everything since comparing began. */

import { Button, Popover, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { useState } from "react";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Report.module.css";
import { type Report, useSpan } from "./report";
import { words } from "./words";

export function PeriodPicker({ report }: { report: Pick<Report, "period" | "as_of"> | undefined }) {
  const say = useWords(words).period;
  const [span, change] = useSpan();
  const [open, setOpen] = useState(false);
  const { day } = useFormats();
  const today = report ? calendarDay(report.as_of, report.period.time_zone) : "";
  const begin = (days: number) => before(today, days - 1);
  const chosen =
    !span.start && !span.end
      ? "trial"
      : !span.end && span.start === begin(7)
        ? "week"
        : !span.end && span.start === begin(28)
          ? "month"
          : "";
  return (
    <div className={styles.period}>
      <SegmentedControl
        size="xs"
        aria-label={say.label}
        value={chosen}
        disabled={!report}
        onChange={(value) => change(value === "trial" ? {} : { start: begin(value === "week" ? 7 : 28) })}
        data={[
          { value: "trial", label: say.trial },
          { value: "week", label: say.week },
          { value: "month", label: say.month },
        ]}
      />
      <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus>
        <Popover.Target>
          <Button
            size="xs"
            variant={chosen ? "default" : "light"}
            leftSection={<IconCalendar size={15} stroke={1.6} />}
            disabled={!report}
            onClick={() => setOpen(!open)}
          >
            {report && !chosen ? say.span(day(report.period.first), day(report.period.last)) : say.choose}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap="xs">
            <TextInput
              type="date"
              label={say.first}
              max={span.end ?? today}
              value={span.start ?? report?.period.first ?? ""}
              onChange={(event) => event.currentTarget.value && change({ ...span, start: event.currentTarget.value })}
            />
            <TextInput
              type="date"
              label={say.last}
              min={span.start}
              max={today}
              value={span.end ?? today}
              onChange={(event) =>
                event.currentTarget.value &&
                change({ start: span.start ?? report?.period.first ?? today, end: event.currentTarget.value })
              }
            />
          </Stack>
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}

function calendarDay(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone }).format(at);
}

function before(day: string, days: number): string {
  return day ? new Date(Date.parse(`${day}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10) : "";
}
