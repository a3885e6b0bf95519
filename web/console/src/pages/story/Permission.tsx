/** Whether this person's screen may be recorded: asked for now, waited for, and opened Live when they say yes. */

import { Button } from "@mantine/core";
import { IconBroadcast } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { showFailure } from "@/parts/toast";
import { useMay, useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import type { Moment } from "./moments";
import styles from "./Permission.module.css";
import { useWatchable } from "./Watch";
import { words } from "./watch-words";

/** The index of recordings has a visit a moment after its story tells of it. */
const LOOK_MS = 400;
const REFUSED = new Set(["denied", "withdrawn"]);

type Purpose = Schemas["PurposeKnown"];
type Answer = "denied" | "withdrawn" | "later" | "closed";

/** What somebody waits for: the campaign that asks, and the latest thing that was known when it was asked for. */
interface Asking {
  campaign: string;
  since: number;
}

interface Props {
  name: string;
  seq: number;
  /** What happened, the latest first. */
  moments: readonly Moment[];
}

export function Permission({ name, seq, moments }: Props) {
  const project = useProject();
  const edits = useMay("edit");
  const { purpose, watchable } = useWatchable();
  const { data } = useQuery({
    queryKey: ["consents", project.id, name, seq],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/people/{name}/consents", { params: { path: { project: project.id, name } }, signal })),
    enabled: purpose !== "",
    placeholderData: (before) => before,
  });
  const [asking, setAsking] = useState<Asking | null>(null);
  const wish = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/projects/{project}/people/{name}/consents/ask", {
          params: { path: { project: project.id, name } },
          body: { purpose },
        }),
      ),
    onMutate: () => ({ since: Math.max(0, ...moments.map((one) => one.position)) }),
    onSuccess: ({ campaign }, _, { since }) => setAsking({ campaign, since }),
    onError: showFailure,
  });
  const known = data?.purposes.find((one) => one.purpose === purpose);
  if (asking) return <Waiting name={name} purpose={purpose} asking={asking} moments={moments} stop={() => setAsking(null)} />;
  const live = [...watchable.values()].find((one) => one.live);
  if (live) return <OnAir recording={live.id} />;
  if (!known || known.state === "granted") return null;
  return <NotYet known={known} may={edits} busy={wish.isPending} wish={() => wish.mutate()} />;
}

function OnAir({ recording }: { recording: string }) {
  const say = useWords(words).permission;
  const project = useProject();
  return (
    <Strip tone="live">
      <p>{say.now}</p>
      <Button
        size="compact-sm"
        component={Link}
        to={`/p/${project.id}/recordings/${recording}?live=true`}
        leftSection={<IconBroadcast size={15} stroke={1.6} />}
      >
        {say.watch}
      </Button>
    </Strip>
  );
}

function NotYet({ known, may, busy, wish }: { known: Purpose; may: boolean; busy: boolean; wish: () => void }) {
  const say = useWords(words).permission;
  const project = useProject();
  if (known.requested_until)
    return (
      <Strip tone="waiting">
        <p>{say.wished}</p>
      </Strip>
    );
  return (
    <Strip>
      <p>{REFUSED.has(known.state) ? say.refused : say.none}</p>
      {may && known.campaign && (
        <Button
          size="compact-sm"
          variant="light"
          title={say.opens}
          leftSection={<IconBroadcast size={15} stroke={1.6} />}
          loading={busy}
          onClick={wish}
        >
          {say.ask}
        </Button>
      )}
      {may && !known.campaign && (
        <Button
          size="compact-sm"
          variant="subtle"
          component={Link}
          to={`/p/${project.id}/recipes/live_permission`}
          title={say.noCampaign}
        >
          {say.recipe}
        </Button>
      )}
    </Strip>
  );
}

function Waiting({
  name,
  purpose,
  asking,
  moments,
  stop,
}: {
  name: string;
  purpose: string;
  asking: Asking;
  moments: readonly Moment[];
  stop: () => void;
}) {
  const say = useWords(words).permission;
  const since = moments.filter((one) => one.position > asking.since);
  const began = since.find((one) => one.name === "_live_record_start")?.values?.recording;
  const answer = answered(since, purpose, asking.campaign);
  useOpened(name, typeof began === "string" ? began : "");
  const opened = since.some((one) => one.name === "_message_open" && one.values?.campaign === asking.campaign);
  const isOver = answer !== undefined && answer !== "granted";
  return (
    <Strip tone={isOver ? undefined : "waiting"}>
      <p role="status">
        {answer === "granted" ? say.granted : answer ? say.answers[answer] : opened ? say.read : say.asking}
        {!answer && <small>{say.opens}</small>}
      </p>
      <Button size="compact-sm" variant="subtle" onClick={stop}>
        {say.stop}
      </Button>
    </Strip>
  );
}

/** How the question ended, as far as it has; the latest counts. */
function answered(since: readonly Moment[], purpose: string, campaign: string): "granted" | Answer | undefined {
  for (const { name, values } of since) {
    if (name === "consent" && values?.purpose === purpose) return values.state as "granted" | Answer;
    if (name === "_message_close" && values?.campaign === campaign) return "closed";
  }
  return undefined;
}

/** Goes to a recording as soon as it can be watched live. */
function useOpened(name: string, recording: string): void {
  const project = useProject();
  const navigate = useNavigate();
  const { data } = useQuery({
    queryKey: ["person-recordings", project.id, name, "begun", recording],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/people/{name}/recordings", { params: { path: { project: project.id, name } }, signal }),
      ),
    enabled: recording !== "",
    refetchInterval: LOOK_MS,
  });
  const isThere = data?.recordings.some((one) => one.id === recording && one.live) ?? false;
  useEffect(() => {
    if (isThere) void navigate({ to: `/p/${project.id}/recordings/${recording}?live=true` } as never);
  }, [isThere, navigate, project.id, recording]);
}

function Strip({ tone, children }: { tone?: "waiting" | "live" | undefined; children: React.ReactNode }) {
  const say = useWords(words).permission;
  return (
    <section className={styles.strip} data-tone={tone} aria-label={say.title}>
      <i aria-hidden />
      {children}
    </section>
  );
}
