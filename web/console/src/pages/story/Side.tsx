/** What is known of the person now. */

import { Select } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, ask } from "@/api/client";
import { Consents } from "@/consents/Consents";
import { words as consentWords } from "@/consents/words";
import { CampaignLink, SegmentChip } from "@/parts/links";
import { Mark } from "@/parts/Mark";
import { Failure } from "@/parts/states";
import { path } from "@/people/happened";
import { type Names, said as word } from "@/people/names";
import { words as people } from "@/people/words";
import { useProject } from "@/shell/session";
import type { Formats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import { Compared } from "./Compared";
import styles from "./Side.module.css";
import type { Portrait } from "./useStory";
import { words } from "./words";

const EARLIEST_MS = 1e12;

interface Props {
  portrait: Portrait;
  names: Names;
  formats: Formats;
  name: string;
}

export function Side(props: Props) {
  const { side: say } = useWords(words);
  const consents = useWords(consentWords);
  const { portrait, names, formats } = props;
  const project = useProject();
  return (
    <aside className={styles.side} aria-label={props.name}>
      <Part title={say.segments}>
        {portrait.person.segments.length ? (
          <div className={styles.chips}>
            {portrait.person.segments.map((one) => (
              <SegmentChip key={one} project={project.id} segment={one}>
                {names.segment(one)}
              </SegmentChip>
            ))}
          </div>
        ) : (
          <p className="muted">{say.noSegments}</p>
        )}
      </Part>
      <Part title={say.why}>
        <WhyNow {...props} />
      </Part>
      <Part title={say.attributes}>
        {portrait.attributes.length ? (
          <dl className={styles.pairs}>
            {portrait.attributes.map((one) => (
              <div key={one.path}>
                <dt>{one.path}</dt>
                <dd title={formats.dateTime(one.at)}>{one.value.map(String).join(", ")}</dd>
              </div>
            ))}
          </dl>
        ) : (
          <p className="muted">{say.noAttributes}</p>
        )}
      </Part>
      <Delivery {...props} />
      <Statistics {...props} />
      <Part title={consents.title}>
        <Consents name={props.name} seq={portrait.seq} formats={formats} />
      </Part>
      <Origins {...props} />
    </aside>
  );
}

function Part({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <section className={styles.part}>
      <h2>
        {title} {hint && <span>{hint}</span>}
      </h2>
      {children}
    </section>
  );
}

function WhyNow({ names, formats, name, portrait }: Props) {
  const { side: say } = useWords(words);
  const said = useWords(people);
  const project = useProject();
  const [campaign, choose] = useState<string | null>(null);
  const query = useQuery({
    queryKey: ["why", project.id, name, campaign, portrait.seq],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/people/{name}/why", {
          params: { path: { project: project.id, name }, query: { campaign: campaign ?? "" } },
          signal,
        }),
      ),
    enabled: campaign !== null,
    placeholderData: keepPreviousData,
  });
  const why = query.data;
  return (
    <>
      <Select
        size="sm"
        searchable
        placeholder={say.whyPick}
        aria-label={say.whyPick}
        data={Object.keys(names.all?.campaigns ?? {}).map((one) => ({ value: one, label: names.campaign(one) }))}
        value={campaign}
        onChange={choose}
      />
      {query.error && <Failure error={query.error} />}
      {campaign && why && (
        <div className={styles.why} data-shown={why.gate === "shown" || undefined}>
          <p>
            <Mark tone={why.gate === "shown" ? "shown" : why.gate === "holdout" ? "holdout" : "withheld"}>
              {names.gate(why.gate)}
            </Mark>
          </p>
          {why.gate === "shown" && <p>{say.whyShown}</p>}
          {why.compared.length > 0 && <Compared rows={why.compared} formats={formats} />}
          {why.unshown && (
            <p className="muted">
              {say.whyGiven(formats.dateTime(why.unshown.at), word(said.unopened, why.unshown.reason) ?? why.unshown.reason)}
            </p>
          )}
        </div>
      )}
    </>
  );
}

function Delivery({ portrait, formats }: Props) {
  const { side: say } = useWords(words);
  const pick = usePick();
  const project = useProject();
  const today = portrait.cap_per_day
    ? say.cap(formats.number(portrait.messages_today), formats.number(portrait.cap_per_day))
    : say.noCap(formats.number(portrait.messages_today));
  return (
    <Part title={say.delivery} hint={today}>
      {portrait.deliveries.length ? (
        <table className={styles.delivery}>
          <thead>
            <tr>
              <td />
              <th scope="col">{say.shown}</th>
              <th scope="col">{say.clicked}</th>
              <th scope="col">{say.closed}</th>
              <th scope="col">{say.goals}</th>
            </tr>
          </thead>
          <tbody>
            {portrait.deliveries.map((one) => (
              <tr key={one.campaign}>
                <th scope="row">
                  <CampaignLink project={project.id} campaign={one.campaign} report>
                    {pick(one.name)}
                  </CampaignLink>
                  {one.holdout ? (
                    <Mark tone="holdout">{say.holdout}</Mark>
                  ) : (
                    one.action_name && <span className={styles.arm}>{one.action_name}</span>
                  )}
                  {one.crossed && <p>{say.crossed}</p>}
                </th>
                <td>{formats.number(one.shown)}</td>
                <td>{formats.number(one.clicked)}</td>
                <td>{formats.number(one.closed)}</td>
                <td data-good={one.goals > 0 || undefined}>{formats.number(one.goals)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p className="muted">{say.noDelivery}</p>
      )}
    </Part>
  );
}

function Statistics({ portrait, formats }: Props) {
  const { side: say } = useWords(words);
  const pick = usePick();
  const known = portrait.statistics.filter((one) => one.value !== null && one.value !== undefined);
  if (!known.length) return null;
  return (
    <Part title={say.statistics} hint={say.statisticsHelp}>
      <dl className={styles.counts}>
        {known.map((one) => (
          <div key={one.id}>
            <dt>{pick(one.name)}</dt>
            <dd>
              {typeof one.value === "number"
                ? one.value > EARLIEST_MS
                  ? formats.dateTime(one.value)
                  : formats.number(one.value)
                : String(one.value)}
            </dd>
          </div>
        ))}
      </dl>
    </Part>
  );
}

function Origins({ portrait }: Props) {
  const { side: say } = useWords(words);
  const came = portrait.first_landing;
  return (
    <>
      {came && (
        <Part title={say.came}>
          <p className={styles.landing} title={came.url}>
            {came.title || path(came.url)}
          </p>
          <p className="muted">
            {[came.ad ? [came.utm.source, came.utm.campaign].filter(Boolean).join(" · ") || came.ad : "", came.referrer ?? ""]
              .filter(Boolean)
              .join(" · ") || path(came.url)}
          </p>
        </Part>
      )}
      <Part title={say.ids}>
        <dl className={styles.pairs}>
          {portrait.person.user_id && (
            <div>
              <dt>{say.member}</dt>
              <dd>
                <code>{portrait.person.user_id}</code>
              </dd>
            </div>
          )}
          <div>
            <dt>{say.person}</dt>
            <dd>
              <code>{portrait.person.person}</code>
            </dd>
          </div>
          {portrait.ids
            .filter((one) => one !== portrait.person.person)
            .map((one) => (
              <div key={one}>
                <dt>{say.visitors}</dt>
                <dd>
                  <code>{one}</code>
                </dd>
              </div>
            ))}
        </dl>
      </Part>
    </>
  );
}
