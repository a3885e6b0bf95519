/** What one person has allowed, purpose by purpose, with the ledger of how it came about. */

import { Button, Menu } from "@mantine/core";
import { IconBell, IconChevronDown, IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { Mark, type Tone } from "@/parts/Mark";
import { Failure } from "@/parts/states";
import { showDone, showFailure } from "@/parts/toast";
import { save } from "@/people/save";
import { useMay, useProject } from "@/shell/session";
import type { Formats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import styles from "./Consents.module.css";
import { words } from "./words";

const TONES: Readonly<Record<string, Tone>> = { granted: "shown", denied: "danger", withdrawn: "danger", expired: "waiting" };
const SETTABLE = ["granted", "denied", "withdrawn"] as const;
/** The edge's profiles reach the console within a second. */
const SETTLED_MS = 1_500;

type Purpose = Schemas["PurposeKnown"];

function word(list: object, name: string): string {
  return (list as Record<string, string>)[name] ?? name;
}

/** `seq` counts what has happened to the person: with each event it is asked anew. */
export function Consents({ name, seq, formats }: { name: string; seq: number; formats: Formats }) {
  const say = useWords(words);
  const project = useProject();
  const may = useMay("edit");
  const client = useQueryClient();
  const path = { project: project.id, name };
  const key = ["consents", project.id, name];
  const query = useQuery({
    queryKey: [...key, seq],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/people/{name}/consents", { params: { path }, signal })),
    placeholderData: (before) => before,
  });
  const again = () => void setTimeout(() => void client.invalidateQueries({ queryKey: key }), SETTLED_MS);
  const set = useMutation({
    mutationFn: (body: { purpose: string; state: (typeof SETTABLE)[number] }) =>
      ask(api.POST("/api/projects/{project}/people/{name}/consents", { params: { path }, body })),
    onSuccess: () => {
      showDone(say.recorded);
      again();
    },
    onError: showFailure,
  });
  const wish = useMutation({
    mutationFn: (purpose: string) =>
      ask(api.POST("/api/projects/{project}/people/{name}/consents/ask", { params: { path }, body: { purpose } })),
    onSuccess: () => {
      showDone(say.asked);
      again();
    },
    onError: showFailure,
  });
  const told = query.data;
  if (query.error && !told) return <Failure error={query.error} />;
  if (!told) return null;
  if (!told.purposes.length && !told.changes.length) return <p className="muted">{say.noPurposes}</p>;
  return (
    <>
      {told.purposes.map((one) => (
        <PurposeRow
          key={one.purpose}
          one={one}
          formats={formats}
          may={may}
          busy={set.isPending || wish.isPending}
          set={(state) => set.mutate({ purpose: one.purpose, state })}
          wish={() => wish.mutate(one.purpose)}
        />
      ))}
      <Ledger changes={told.changes} purposes={told.purposes} formats={formats} name={name} />
    </>
  );
}

function PurposeRow({
  one,
  formats,
  may,
  busy,
  set,
  wish,
}: {
  one: Purpose;
  formats: Formats;
  may: boolean;
  busy: boolean;
  set: (state: (typeof SETTABLE)[number]) => void;
  wish: () => void;
}) {
  const say = useWords(words);
  const pick = usePick();
  const when = (at: number) => formats.dateTime(at);
  const answer = (say.answers as Record<string, (when: string) => string>)[one.answer];
  const facts = [
    one.by_default || !one.at ? say.byDefault : say.since(when(one.at), word(say.sources, one.source || "api")),
    one.policy && say.policy(one.policy),
    one.policy_now && !one.by_default && one.policy !== one.policy_now && say.outdated(one.policy_now),
    one.expires_at && say.expires(formats.date(one.expires_at)),
    one.state !== "granted" && answer && one.answered_at && one.answered_at !== one.at && answer(when(one.answered_at)),
    one.state !== "granted" && one.again_at && say.again(when(one.again_at)),
  ].filter((fact): fact is string => Boolean(fact));
  return (
    <section className={styles.purpose} aria-label={pick(one.label)}>
      <div className={styles.head}>
        <b title={one.purpose}>{pick(one.label)}</b>
        <Mark tone={TONES[one.state] ?? "plain"}>{word(say.states, one.state)}</Mark>
      </div>
      <ul className={styles.facts}>
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
        {one.requested_until && <li data-wish="">{say.requested(when(one.requested_until))}</li>}
      </ul>
      {may && (
        <div className={styles.deeds}>
          {one.state !== "granted" && !one.requested_until && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconBell size={15} stroke={1.6} />}
              disabled={busy || !one.campaign}
              title={one.campaign ? say.askNowHelp : say.noCampaign}
              onClick={wish}
            >
              {say.askNow}
            </Button>
          )}
          <Menu position="bottom-start" withinPortal>
            <Menu.Target>
              <Button
                size="compact-sm"
                variant="subtle"
                color="gray"
                rightSection={<IconChevronDown size={14} stroke={1.6} />}
                disabled={busy}
                title={say.setHelp}
              >
                {say.set}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {SETTABLE.filter((state) => state !== one.state).map((state) => (
                <Menu.Item key={state} onClick={() => set(state)}>
                  {say.setTo[state]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </div>
      )}
    </section>
  );
}

function Ledger({
  changes,
  purposes,
  formats,
  name,
}: {
  changes: Schemas["Changed"][];
  purposes: Purpose[];
  formats: Formats;
  name: string;
}) {
  const say = useWords(words);
  const pick = usePick();
  const project = useProject();
  const download = useMutation({
    mutationFn: async (format: "csv" | "json") => {
      const file = await ask(
        api.POST("/api/projects/{project}/people/{name}/consents/export", {
          params: { path: { project: project.id, name } },
          body: { format },
          parseAs: "blob",
        }),
      );
      save(file as unknown as Blob, `consents-${name}.${format}`);
    },
    onError: showFailure,
  });
  const called = (purpose: string) => {
    const one = purposes.find((known) => known.purpose === purpose);
    return one ? pick(one.label) : purpose;
  };
  const state = (one: string) => (one === "later" ? say.later : one === "requested" ? say.requestedState : word(say.states, one));
  return (
    <details className={styles.ledger}>
      <summary>{say.ledger(changes.length)}</summary>
      {changes.length === 0 && <p className="muted">{say.empty}</p>}
      <ol>
        {changes.map((one) => (
          <li key={one.position}>
            <p>
              <span>
                {called(one.purpose)}: {state(one.state)}
              </span>
              <small>{formats.dateTime(one.at)}</small>
            </p>
            <small>
              {[
                word(say.sources, one.source || "api"),
                one.by && say.by(one.by),
                one.policy && say.policy(one.policy),
                one.text,
                one.test && say.test,
              ]
                .filter(Boolean)
                .join(" · ")}
            </small>
          </li>
        ))}
      </ol>
      {changes.length > 0 && (
        <div className={styles.deeds}>
          {(["csv", "json"] as const).map((format) => (
            <Button
              key={format}
              size="compact-sm"
              variant="subtle"
              leftSection={<IconDownload size={15} stroke={1.6} />}
              loading={download.isPending && download.variables === format}
              onClick={() => download.mutate(format)}
            >
              {say[format]}
            </Button>
          ))}
        </div>
      )}
    </details>
  );
}
