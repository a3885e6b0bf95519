/** One campaign while it is written: step by step, kept by itself, with what it will look like beside it. */

import { ActionIcon, Button, Menu, Tooltip, UnstyledButton } from "@mantine/core";
import { IconArrowBackUp, IconChartBar, IconCopy, IconDots, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense, useEffect, useRef } from "react";
import { campaigns as allCampaigns } from "@/api/asked";
import type { Problem } from "@/api/client";
import { Page } from "@/parts/Page";
import { Failure, SkeletonBlock, SkeletonRows } from "@/parts/states";
import { showDone } from "@/parts/toast";
import { UnsavedGuard } from "@/parts/unsaved";
import { useMay, useProject } from "@/shell/session";
import { usePick, useWords } from "@/words/words";
import type { Campaign } from "./campaign";
import { STEPS, type Step, stepOf } from "./campaign";
import styles from "./campaigns.module.css";
import { DisputeDialog } from "./DisputeDialog";
import { InShort } from "./InShort";
import { Keeping } from "./Keeping";
import { StatusMark } from "./StatusMark";
import { useTurning } from "./turning";
import { type Drafting, useDraft } from "./useDraft";
import { words } from "./words";

/** What a step is given. */
export interface StepProps {
  campaign: Campaign;
  id: string;
  drafting: Drafting<Campaign>;
  change: (next: Campaign) => void;
  problems: readonly Problem[];
  may: boolean;
  go: (step: Step) => void;
}

const PAGES: Record<Step, ComponentType<StepProps>> = {
  message: lazy(() => import("./MessageStep")),
  audience: lazy(() => import("./AudienceStep")),
  moment: lazy(() => import("./MomentStep")),
  often: lazy(() => import("./OftenStep")),
  measure: lazy(() => import("./MeasureStep")),
  publish: lazy(() => import("./PublishStep")),
  versions: lazy(() => import("./VersionsStep")),
  code: lazy(() => import("./CodeStep")),
};
const FORMS: readonly Step[] = STEPS.slice(0, 6);

export default function CampaignPage() {
  const { campaign: id = "" } = useParams({ strict: false }) as { campaign?: string };
  return <Editor key={id} id={id} />;
}

function Editor({ id }: { id: string }) {
  const say = useWords(words);
  const pick = usePick();
  const project = useProject();
  const may = useMay("edit");
  const navigate = useNavigate();
  const asked = useSearch({ strict: false }) as { step?: string };
  const drafting = useDraft<Campaign>(project.id, "campaigns", id);
  const turning = useTurning(project.id);
  const list = useQuery(allCampaigns(project.id));
  const step: Step = STEPS.find((one) => one === asked.step) ?? "message";
  const go = (to: Step) => void navigate({ to: ".", search: { step: to } as never });
  const { takenIn } = drafting;
  useEffect(() => {
    if (takenIn > 0) showDone(say.did.takenIn);
  }, [takenIn, say]);
  const steps = useRef<HTMLElement>(null);
  const ready = drafting.data !== undefined;
  // On a phone the steps are a row that is wider than the screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another step, or the first drawing, brings another one into sight
  useEffect(() => {
    const row = steps.current;
    const current = row?.querySelector<HTMLElement>("[aria-current]");
    if (row && current) row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }, [step, ready]);
  const crumbs = [{ label: say.title, to: `/p/${project.id}/campaigns` }];
  const { told, data } = drafting;
  if (!told || (!data && step !== "code"))
    return (
      <Page title={id} crumbs={crumbs} wide>
        {drafting.error && !told ? (
          <Failure error={drafting.error} retry={() => void drafting.refetch()} />
        ) : told ? (
          <Suspense>
            <PAGES.code
              campaign={{} as Campaign}
              id={id}
              drafting={drafting}
              change={() => undefined}
              problems={drafting.problems}
              may={may}
              go={go}
            />
          </Suspense>
        ) : (
          <SkeletonRows rows={8} height={32} />
        )}
      </Page>
    );
  const line = list.data?.campaigns.find((one) => one.id === id);
  const name = data
    ? pick(typeof data.name === "string" ? { ja: data.name, en: data.name } : (data.name ?? { ja: id, en: id }))
    : id;
  const runs = line !== undefined && ["live", "waiting", "preparing", "over"].includes(line.status);
  const counts = new Map<Step, number>();
  for (const problem of drafting.problems) {
    const where = stepOf(problem.path);
    counts.set(where, (counts.get(where) ?? 0) + 1);
  }
  const Content = PAGES[step];
  const place = FORMS.indexOf(step);
  const change = (next: Campaign) => {
    if (may) drafting.change(next);
  };
  return (
    <Page
      title={name || id}
      crumbs={crumbs}
      wide
      mark={line && <StatusMark status={line.status} />}
      lead={
        <span className={styles.lead}>
          <Keeping drafting={drafting} />
          {!may && <span>{say.readOnly}</span>}
          {may && runs && drafting.draft && <span>{say.liveBeside}</span>}
        </span>
      }
      actions={
        <>
          {told.document !== null && (
            <Tooltip label={say.report}>
              <ActionIcon
                component={Link}
                to={`/p/${project.id}/campaigns/${id}/report`}
                variant="default"
                size="lg"
                aria-label={say.report}
              >
                <IconChartBar size={18} stroke={1.6} />
              </ActionIcon>
            </Tooltip>
          )}
          {may && (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="default" size="lg" aria-label={say.more}>
                  <IconDots size={18} stroke={1.6} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {line && line.status !== "new" && line.status !== "draft" && (
                  <Menu.Item
                    leftSection={runs ? <IconPlayerPause size={15} stroke={1.6} /> : <IconPlayerPlay size={15} stroke={1.6} />}
                    onClick={() => void turning.turn(id, name, runs ? "paused" : "live")}
                  >
                    {runs ? say.pause : say.resume}
                  </Menu.Item>
                )}
                <Menu.Item
                  leftSection={<IconCopy size={15} stroke={1.6} />}
                  onClick={async () => {
                    await drafting.flush();
                    await turning.copy(id, name);
                  }}
                >
                  {say.copy}
                </Menu.Item>
                {drafting.draft && (
                  <Menu.Item
                    leftSection={<IconArrowBackUp size={15} stroke={1.6} />}
                    onClick={async () => {
                      await drafting.flush();
                      if (!(await turning.discard(id))) return;
                      if (told.document === null) await navigate({ to: `/p/${project.id}/campaigns` });
                      else await drafting.renew();
                    }}
                  >
                    {say.discard}
                  </Menu.Item>
                )}
              </Menu.Dropdown>
            </Menu>
          )}
          {may && step !== "publish" && (
            <Button onClick={() => go("publish")} color="vermilion">
              {say.steps.publish}
            </Button>
          )}
        </>
      }
    >
      <UnsavedGuard dirty={drafting.state === "failed" || drafting.state === "disputed"} />
      <DisputeDialog drafting={drafting} />
      <div className={styles.editor} data-step={step}>
        <nav className={styles.steps} aria-label={say.steps.label} ref={steps}>
          {STEPS.map((one, index) => {
            const wrong = counts.get(one) ?? 0;
            return (
              <UnstyledButton
                key={one}
                className={styles.step}
                data-apart={index === FORMS.length || undefined}
                aria-current={one === step ? "step" : undefined}
                onClick={() => go(one)}
              >
                <span className={styles.stepNumber} data-wrong={wrong > 0 || undefined} aria-hidden>
                  {wrong > 0 ? "!" : index < FORMS.length ? index + 1 : "·"}
                </span>
                <span>{say.steps[one]}</span>
                {wrong > 0 && <span className="visually-hidden">{say.steps.problems(String(wrong))}</span>}
              </UnstyledButton>
            );
          })}
        </nav>
        <div className={styles.content}>
          <Suspense fallback={<SkeletonBlock height={320} />}>
            <Content
              campaign={data as Campaign}
              id={id}
              drafting={drafting}
              change={change}
              problems={drafting.problems}
              may={may}
              go={go}
            />
          </Suspense>
          {place >= 0 && place < FORMS.length - 1 && (
            <div className={styles.ways}>
              {place > 0 ? (
                <Button variant="default" onClick={() => go(FORMS[place - 1] as Step)}>
                  {say.previous}
                </Button>
              ) : (
                <span />
              )}
              <Button variant="light" onClick={() => go(FORMS[place + 1] as Step)}>
                {say.next}
              </Button>
            </div>
          )}
        </div>
        {step !== "message" && step !== "versions" && step !== "code" && data && <InShort campaign={data} project={project.id} />}
      </div>
    </Page>
  );
}
