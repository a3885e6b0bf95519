/** What was not shown at an event: each campaign with its gate, and by a press the values that were compared there. */

import { Popover } from "@mantine/core";
import { IconChevronRight, IconLeafOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "@/api/client";
import { Failure, SkeletonRows } from "@/parts/states";
import type { Names } from "@/people/names";
import { useProject } from "@/shell/session";
import type { Formats } from "@/words/format";
import { useWords } from "@/words/words";
import { Compared } from "./Compared";
import type { Moment } from "./moments";
import styles from "./River.module.css";
import { words } from "./words";

export function Withheld({ moment, names, formats, name }: { moment: Moment; names: Names; formats: Formats; name: string }) {
  const say = useWords(words);
  const [open, setOpen] = useState<string | null>(null);
  const withheld = (moment.gates ?? []).filter((one) => one.gate !== "shown" && one.gate !== "holdout");
  if (!withheld.length) return null;
  return (
    <Popover width={380} withinPortal position="bottom-end" trapFocus>
      <Popover.Target>
        <button type="button" className={styles.withheld} aria-label={say.withheld(formats.number(withheld.length))}>
          <IconLeafOff size={14} stroke={1.5} aria-hidden /> {formats.number(withheld.length)}
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.gates}>
        <p className={styles.gatesTitle}>{say.withheldTitle}</p>
        <ul>
          {withheld.map((one) => (
            <li key={one.campaign}>
              <button
                type="button"
                aria-expanded={open === one.campaign}
                onClick={() => setOpen(open === one.campaign ? null : one.campaign)}
              >
                <IconChevronRight size={14} stroke={1.8} aria-hidden />
                <span>{names.campaign(one.campaign)}</span>
                <em>{names.gate(one.gate)}</em>
              </button>
              {open === one.campaign && (
                <Then name={name} campaign={one.campaign} position={moment.position} names={names} formats={formats} />
              )}
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function Then({
  name,
  campaign,
  position,
  names,
  formats,
}: {
  name: string;
  campaign: string;
  position: number;
  names: Names;
  formats: Formats;
}) {
  const say = useWords(words);
  const project = useProject();
  const query = useQuery({
    queryKey: ["why", project.id, name, campaign, position],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/people/{name}/why", {
          params: { path: { project: project.id, name }, query: { campaign, position } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={2} height={14} />;
  const why = query.data;
  if (why.winner) return <p className={styles.note}>{say.winner(names.campaign(why.winner))}</p>;
  if (!why.compared.length) return <p className={styles.note}>{say.noValues}</p>;
  return <Compared rows={why.compared} formats={formats} />;
}
