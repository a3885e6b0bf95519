import type { Schemas } from "@/api/client";
import { Mark, type Tone } from "@/parts/Mark";
import { useWords } from "@/words/words";
import { words } from "./words";

export type Status = Schemas["CampaignLine"]["status"];

const TONES: Record<Status, Tone> = {
  new: "primary",
  draft: "primary",
  waiting: "waiting",
  preparing: "waiting",
  live: "shown",
  over: "withheld",
  paused: "withheld",
  archived: "plain",
};

/** How a campaign stands, in one word; what that means is said when one points at it. */
export function StatusMark({ status }: { status: Status }) {
  const say = useWords(words);
  return (
    <Mark tone={TONES[status]} title={say.statusHelp[status]}>
      {say.status[status]}
    </Mark>
  );
}
