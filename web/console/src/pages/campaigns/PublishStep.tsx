/** What to know before publishing, publishing, and looking at it on one's own site. */

import { Button, SegmentedControl, Textarea } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconInfoCircle } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { names as namesOf } from "@/api/asked";
import { ApiError, api, ask, type Schemas } from "@/api/client";
import { Figure, Figures } from "@/parts/Figure";
import { CampaignLink } from "@/parts/links";
import { Section } from "@/parts/Page";
import { ProblemList } from "@/parts/ProblemList";
import { Loaded, SkeletonBlock } from "@/parts/states";
import { showDone, showFailure, showUndo } from "@/parts/toast";
import { useMe, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import type { StepProps } from "./Campaign";
import { type Campaign, put, type State } from "./campaign";
import styles from "./campaigns.module.css";
import { Edits } from "./Edits";
import { OnSite } from "./OnSite";
import { WhereItStops } from "./WhereItStops";
import { words } from "./words";

type Finding = Schemas["Finding"];

export default function PublishStep(props: StepProps) {
  const { id, drafting, campaign } = props;
  const say = useWords(words).publish;
  const project = useProject();
  const { told, draft } = drafting;
  const settled = drafting.state === "kept";
  const check = useQuery({
    queryKey: ["campaign-check", project.id, id, told?.version, draft?.revision],
    enabled: settled,
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/campaigns/{campaign}/check", {
          params: { path: { project: project.id, campaign: id } },
          signal,
        }),
      ),
    placeholderData: (before) => before,
  });
  return (
    <>
      <Section title={say.title}>
        <Loaded query={check} skeleton={<Checking />}>
          {(found) =>
            found.problems.length > 0 ? (
              <>
                <p>{say.problems}</p>
                <ProblemList problems={found.problems.map((one) => ({ ...one, line: one.line ?? 0 }))} />
              </>
            ) : (
              <Told check={found} />
            )
          }
        </Loaded>
      </Section>
      <Publishing {...props} clean={(check.data?.problems.length ?? 0) === 0} />
      <OnSite id={id} campaign={campaign} drafting={drafting} may={props.may} />
      {told?.document !== null && <WhereItStops id={id} />}
    </>
  );
}

function Checking() {
  const say = useWords(words).publish;
  return (
    <>
      <p className={styles.hint}>{say.checking}</p>
      <SkeletonBlock height={88} />
    </>
  );
}

function Told({ check }: { check: Schemas["Check"] }) {
  const say = useWords(words).publish;
  const format = useFormats();
  return (
    <>
      <Figures>
        {check.reach.map((one) => (
          <Figure
            key={one.days}
            label={say.reach}
            value={format.number(one.people)}
            tone={one.people ? "primary" : "withheld"}
            period={say.reachOf(format.number(one.days), format.number(one.everybody))}
          />
        ))}
      </Figures>
      <Figures>
        {check.arrived.map((one) => (
          <Figure
            key={one.what}
            label={say.arrivals}
            value={format.number(one.events)}
            period={
              one.what === "trigger" ? say.trigger(one.event, format.number(one.events)) : say.pages(format.number(one.events))
            }
          />
        ))}
      </Figures>
      <p className={styles.hint}>{say.asOf(format.dateTime(check.as_of))}</p>
      <ul className={styles.findings}>
        {MET.map((kind) => (
          <Met key={kind} kind={kind} findings={check.findings.filter((one) => one.kind === kind)} />
        ))}
        {check.findings
          .filter((one) => one.kind !== "goes_before" && one.kind !== "gives_way")
          .map((one) => (
            <li key={`${one.kind} ${one.about}`} data-level={one.level}>
              {one.level === "warning" ? (
                <IconAlertTriangle size={17} stroke={1.7} aria-hidden />
              ) : (
                <IconInfoCircle size={17} stroke={1.7} aria-hidden />
              )}
              <span>
                <FindingWords finding={one} />
              </span>
            </li>
          ))}
        {check.findings.length === 0 && (
          <li data-level="fine">
            <IconCheck size={17} stroke={1.7} aria-hidden />
            <span>{say.fine}</span>
          </li>
        )}
      </ul>
    </>
  );
}

const MET = ["gives_way", "goes_before"] as const;

/** Other campaigns that may show on the same pages, by who comes first. */
function Met({ kind, findings }: { kind: (typeof MET)[number]; findings: readonly Finding[] }) {
  const say = useWords(words).publish;
  const pick = usePick();
  const format = useFormats();
  const project = useProject();
  const names = useQuery(namesOf(project.id));
  if (findings.length === 0) return null;
  const pages = [...new Set(findings.flatMap((one) => one.where ?? []))].slice(0, 4);
  return (
    <li data-level="note">
      <IconInfoCircle size={17} stroke={1.7} aria-hidden />
      <span>
        {say.found[kind](format.list(pages))}{" "}
        <span className={styles.met}>
          {findings.map(({ about = "" }) => {
            const called = names.data?.campaigns?.[about];
            return (
              <CampaignLink key={about} project={project.id} campaign={about}>
                {called ? pick(called) : about}
              </CampaignLink>
            );
          })}
        </span>
      </span>
    </li>
  );
}

function FindingWords({ finding }: { finding: Finding }): ReactNode {
  const say = useWords(words).publish;
  const format = useFormats();
  const { kind, about = "", where = [] } = finding;
  switch (kind) {
    case "never_came":
    case "lately_silent":
      return say.found[kind](about, format.list(where.map((use) => say.uses[use as keyof typeof say.uses] ?? use)));
    case "goes_before":
    case "gives_way":
      return say.found[kind](format.list(where));
    case "only_reports":
      return say.found.only_reports(about);
    default:
      return say.found[kind];
  }
}

function Publishing({ id, campaign, drafting, may, change, clean }: StepProps & { clean: boolean }) {
  const say = useWords(words);
  const project = useProject();
  const me = useMe();
  const client = useQueryClient();
  const [comment, setComment] = useState("");
  const [busy, setBusy] = useState(false);
  const { told, draft } = drafting;
  const inForce = told?.document as Campaign | null | undefined;
  const params = { path: { project: project.id, kind: "campaigns" as const, id } };
  const against = useQuery({
    queryKey: ["document", project.id, "campaigns", id, "diff", told?.version, draft?.revision],
    enabled: draft !== null && inForce !== null && inForce !== undefined,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/documents/{kind}/{id}/diff", {
          params: { ...params, query: { from: told?.version ?? 0, to: 0 } },
          signal,
        }),
      ),
  });
  if (!may || !told) return null;
  const wasLive = inForce?.state === "live";
  const wasOut = wasLive || inForce?.state === "paused";
  const wanted: State = campaign.state ?? "draft";
  const approval = told.approval;
  const submitted = draft?.state === "submitted";
  const own = submitted && (draft?.submitted_by === me.id || draft?.author === me.id);

  const send = async (how: "publish" | "submit" | "approve", state: State) => {
    setBusy(true);
    try {
      if (how !== "approve" && wanted !== state) change(put(campaign, "state", state));
      const kept = await drafting.flush();
      if (!kept) return;
      const body = { drafts: [{ kind: "campaigns" as const, id, revision: kept.revision }], comment };
      const of = { params: { path: { project: project.id } }, body };
      const before = told.document;
      if (how === "submit") {
        await ask(api.POST("/api/projects/{project}/submit", of));
        showDone(say.did.submitted);
      } else {
        const changes = await ask(
          how === "publish" ? api.POST("/api/projects/{project}/publish", of) : api.POST("/api/projects/{project}/approve", of),
        );
        const text =
          state === "draft" ? say.did.tried : how === "approve" ? say.did.approved : say.did.published(String(changes.version));
        if (before === null || how === "approve") showDone(text);
        else
          showUndo(text, async () => {
            const back = await ask(
              api.POST("/api/projects/{project}/documents/{kind}/{id}/restore", {
                params,
                body: { version: told.version, revision: 0 },
              }),
            );
            await ask(
              api.POST("/api/projects/{project}/publish", {
                params: { path: { project: project.id } },
                body: { drafts: [{ kind: "campaigns", id, revision: back.revision }] },
              }),
            );
            await drafting.renew();
          });
      }
      setComment("");
      await drafting.renew();
      await Promise.all(
        [["campaigns"], ["campaign-check"], ["names"], ["home"]].map((queryKey) => client.invalidateQueries({ queryKey })),
      );
    } catch (error) {
      if (drafting.contest(error)) return;
      if (error instanceof ApiError && error.code === "needs_approval") {
        await drafting.renew();
        showFailure(error);
      } else showFailure(error);
    } finally {
      setBusy(false);
    }
  };

  const states = (["live", "paused"] as const).map((state) => ({ value: state, label: say.status[state] }));
  const goal: State = wanted === "draft" || wanted === "archived" ? "live" : wanted;
  const edits = against.data?.edits ?? [];
  const nothing = draft === null;
  return (
    <Section title={say.publish.changes}>
      {nothing ? (
        <p className={styles.hint}>{say.publish.nothing}</p>
      ) : inForce === null ? (
        <p className={styles.hint}>{say.publish.first}</p>
      ) : (
        <Edits edits={edits} />
      )}
      {approval && <p className={styles.hint}>{say.publish.approval}</p>}
      {submitted && draft && (
        <div className={styles.asking}>
          <p>{own ? say.publish.ownWaiting : say.publish.waitingFor(draft.submitted_name)}</p>
          {draft.comment && <p className={styles.comment}>{draft.comment}</p>}
        </div>
      )}
      {(!nothing || wanted === "draft") && (
        <div className={styles.publish}>
          {!submitted && (
            <>
              <Textarea
                label={say.publish.comment}
                placeholder={say.publish.commentExample}
                autosize
                minRows={1}
                value={comment}
                onChange={(event) => setComment(event.currentTarget.value)}
              />
              {wasOut && (
                <SegmentedControl
                  aria-label={say.publish.wants}
                  value={goal}
                  onChange={(to) => change(put(campaign, "state", to as State))}
                  data={states}
                />
              )}
            </>
          )}
          <div className={styles.row}>
            {submitted && !own ? (
              <Button color="vermilion" loading={busy} onClick={() => void send("approve", goal)}>
                {say.publish.approve}
              </Button>
            ) : !submitted ? (
              <Button
                color="vermilion"
                loading={busy}
                disabled={!clean || (drafting.problems.length > 0 && !nothing)}
                onClick={() => void send(approval ? "submit" : "publish", goal)}
              >
                {approval
                  ? say.publish.submit
                  : goal !== "live"
                    ? say.publish.go
                    : wasLive
                      ? say.publish.swap
                      : say.publish.goLive}
              </Button>
            ) : null}
            {!wasOut && !submitted && (
              <Button
                variant="default"
                loading={busy}
                disabled={!clean || nothing}
                title={say.publish.tryHelp}
                onClick={() => void send("publish", "draft")}
              >
                {say.publish.tryFirst}
              </Button>
            )}
          </div>
          {!wasOut && !submitted && <p className={styles.hint}>{say.publish.tryHelp}</p>}
        </div>
      )}
    </Section>
  );
}
