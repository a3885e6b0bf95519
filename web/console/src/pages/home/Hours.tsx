/** Today by the hour, over the shadow of the same weekday a week ago. */

import type { Schemas } from "@/api/client";
import { LineChart } from "@/parts/charts";
import type { Formats } from "@/words/format";
import { useWords } from "@/words/words";
import { words } from "./words";

interface Props {
  home: Schemas["Home"];
  measure: "visitors" | "sessions" | "shown" | "goals";
  label: string;
  formats: Formats;
}

export function Hours({ home, measure, label, formats }: Props) {
  const say = useWords(words);
  return (
    <LineChart
      label={label}
      steps={home.hours.map((hour) => formats.time(hour.at))}
      format={(value) => formats.number(value)}
      height={232}
      series={[
        { name: say.before, tone: "muted", dashed: true, values: home.hours.map((hour) => hour.before[measure]) },
        {
          name: say.today,
          tone: measure === "shown" || measure === "goals" ? "shown" : "primary",
          values: home.hours.map((hour) => hour.today?.[measure] ?? null),
        },
      ]}
    />
  );
}
