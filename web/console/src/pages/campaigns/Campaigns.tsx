/** All campaigns: how each stands, whom it is for, how often it was shown lately. */

import { ActionIcon, Button, Menu, SegmentedControl, TextInput, Tooltip } from "@mantine/core";
import {
  IconArchive,
  IconArchiveOff,
  IconChartBar,
  IconCopy,
  IconDots,
  IconHistory,
  IconMessage2,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlus,
  IconSearch,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { campaigns as allCampaigns } from "@/api/asked";
import type { Schemas } from "@/api/client";
import { Sparkline } from "@/parts/charts";
import { Mark } from "@/parts/Mark";
import { Page } from "@/parts/Page";
import { EmptyState, Loaded, SkeletonRows } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { usePick, useWords } from "@/words/words";
import styles from "./campaigns.module.css";
import { StatusMark } from "./StatusMark";
import { useTurning } from "./turning";
import { words } from "./words";

type Line = Schemas["CampaignLine"];
type Told = Schemas["Campaigns"];

const SHOWS = ["all", "live", "drafts", "paused", "archived"] as const;
type Show = (typeof SHOWS)[number];

const FITS: Record<Show, (line: Line) => boolean> = {
  all: (line) => line.status !== "archived",
  live: (line) => ["live", "waiting", "preparing"].includes(line.status),
  drafts: (line) => line.status === "new" || line.status === "draft" || (line.draft !== null && line.status !== "archived"),
  paused: (line) => line.status === "paused" || line.status === "over",
  archived: (line) => line.status === "archived",
};

export default function Campaigns() {
  const say = useWords(words);
  const project = useProject();
  const may = useMay("edit");
  const query = useQuery({ ...allCampaigns(project.id), refetchInterval: 30_000 });
  const none = query.data?.campaigns.length === 0;
  return (
    <Page
      title={say.title}
      lead={say.lead}
      wide
      actions={
        may &&
        !none && (
          <>
            <Button component={Link} to={`/p/${project.id}/recipes`} variant="default">
              {say.fromRecipe}
            </Button>
            <Button component={Link} to={`/p/${project.id}/campaigns/new`} leftSection={<IconPlus size={16} />}>
              {say.make}
            </Button>
          </>
        )
      }
    >
      <Loaded query={query} skeleton={<SkeletonRows rows={8} height={40} />}>
        {(told) => <List told={told} may={may} />}
      </Loaded>
    </Page>
  );
}

function List({ told, may }: { told: Told; may: boolean }) {
  const say = useWords(words);
  const { search: label } = useWords(shared);
  const pick = usePick();
  const project = useProject();
  const navigate = useNavigate();
  const asked = useSearch({ strict: false }) as { show?: string; q?: string };
  const show: Show = SHOWS.find((one) => one === asked.show) ?? "all";
  const text = (asked.q ?? "").toLowerCase();
  const look = (change: { show?: string; q?: string }) =>
    void navigate({ to: ".", search: { ...asked, ...change } as never, replace: true });
  const lines = told.campaigns.filter(
    (line) => FITS[show](line) && (!text || `${line.id} ${line.name.ja} ${line.name.en}`.toLowerCase().includes(text)),
  );
  if (told.campaigns.length === 0)
    return (
      <EmptyState
        icon={<IconMessage2 size={36} stroke={1.3} />}
        title={say.empty.title}
        action={
          may && (
            <div className={styles.row}>
              <Button component={Link} to={`/p/${project.id}/recipes`}>
                {say.fromRecipe}
              </Button>
              <Button component={Link} to={`/p/${project.id}/campaigns/new`} variant="default">
                {say.make}
              </Button>
            </div>
          )
        }
      >
        {say.empty.text}
      </EmptyState>
    );
  return (
    <>
      <div className={styles.filters}>
        <SegmentedControl
          aria-label={say.filter}
          value={show}
          onChange={(to) => look({ show: to === "all" ? undefined : to })}
          data={SHOWS.map((one) => ({
            value: one,
            label: (
              <span className={styles.count}>
                {say.show[one]} <small>{told.campaigns.filter(FITS[one]).length}</small>
              </span>
            ),
          }))}
        />
        <TextInput
          className={styles.find}
          aria-label={label}
          placeholder={say.find}
          leftSection={<IconSearch size={15} stroke={1.6} />}
          value={asked.q ?? ""}
          onChange={(event) => look({ q: event.currentTarget.value || undefined })}
        />
      </div>
      {lines.length === 0 ? (
        <p className={styles.nothing}>{say.noneFound}</p>
      ) : (
        <table className={styles.list}>
          <thead>
            <tr>
              <th scope="col">{say.columns.name}</th>
              <th scope="col" className={styles.wideOnly}>
                {say.columns.audience}
              </th>
              <th scope="col" className={styles.numbers}>
                {say.columns.trend}
              </th>
              <th scope="col" className={styles.numbers}>
                {say.columns.clicks}
              </th>
              <th scope="col" className={styles.wideOnly}>
                {say.columns.changed}
              </th>
              <th scope="col">
                <span className="visually-hidden">{say.columns.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <Row key={line.id} line={line} told={told} may={may} name={pick(line.name)} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

const DAY_MS = 86_400_000;

function Row({ line, told, may, name }: { line: Line; told: Told; may: boolean; name: string }) {
  const say = useWords(words);
  const pick = usePick();
  const project = useProject();
  const format = useFormats(project.time_zone);
  const turning = useTurning(project.id);
  const here = `/p/${project.id}/campaigns/${line.id}`;
  const shown = line.shown.reduce((sum, one) => sum + one, 0);
  const clicked = line.clicked.reduce((sum, one) => sum + one, 0);
  const changedOn = new Intl.DateTimeFormat("sv-SE", { timeZone: project.time_zone }).format(line.changed_at);
  const daysAgo = (Date.parse(told.end) - Date.parse(changedOn)) / DAY_MS;
  const runs = ["live", "waiting", "preparing", "over"].includes(line.status);
  return (
    <tr data-status={line.status}>
      <td>
        <div className={styles.nameLine}>
          <Link to={here} className={styles.name}>
            {name}
          </Link>
          <StatusMark status={line.status} />
          {line.draft && (
            <Mark tone={line.draft.state === "submitted" ? "waiting" : "primary"} icon={<IconPencil size={12} stroke={1.8} />}>
              {line.draft.state === "submitted" ? say.submitted : say.hasDraft(line.draft.author_name)}
            </Mark>
          )}
        </div>
        <code className={styles.id}>{line.id}</code>
        <div className={styles.narrowAudience}>{pick(line.audience)}</div>
      </td>
      <td className={styles.wideOnly}>
        <div className={styles.audience} title={pick(line.audience)}>
          {pick(line.audience) || "–"}
        </div>
      </td>
      <td className={styles.numbers}>
        <Link to={`${here}/report`} className={styles.trend}>
          <Sparkline
            values={line.shown}
            tone="shown"
            width={92}
            mark={line.shown.length - 1 - daysAgo}
            label={say.trendOf(name, format.number(shown), format.number(clicked), format.day(told.start), format.day(told.end))}
          />
          <b>{format.compact(shown)}</b>
        </Link>
      </td>
      <td className={styles.numbers}>{shown ? format.percent(clicked / shown) : "–"}</td>
      <td className={`${styles.wideOnly} ${styles.when}`}>{line.changed_at ? format.ago(line.changed_at) : "–"}</td>
      <td>
        <div className={styles.actions}>
          <Tooltip label={say.report}>
            <ActionIcon
              component={Link}
              to={`${here}/report`}
              variant="subtle"
              color="gray"
              aria-label={`${say.report}: ${name}`}
            >
              <IconChartBar size={17} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
          {may && line.status !== "new" && line.status !== "draft" && line.status !== "archived" && (
            <Tooltip label={runs ? say.pause : say.resume}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`${runs ? say.pause : say.resume}: ${name}`}
                onClick={() => turning.turn(line.id, name, runs ? "paused" : "live")}
              >
                {runs ? <IconPlayerPause size={17} stroke={1.6} /> : <IconPlayerPlay size={17} stroke={1.6} />}
              </ActionIcon>
            </Tooltip>
          )}
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`${say.more}: ${name}`}>
                <IconDots size={17} stroke={1.6} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {may && (
                <Menu.Item leftSection={<IconCopy size={15} stroke={1.6} />} onClick={() => turning.copy(line.id, name)}>
                  {say.copy}
                </Menu.Item>
              )}
              {line.status !== "new" && (
                <Menu.Item
                  component={Link}
                  to={here}
                  search={{ step: "versions" } as never}
                  leftSection={<IconHistory size={15} stroke={1.6} />}
                >
                  {say.versions}
                </Menu.Item>
              )}
              {may && line.status === "archived" && (
                <Menu.Item
                  leftSection={<IconArchiveOff size={15} stroke={1.6} />}
                  onClick={() => turning.turn(line.id, name, "paused")}
                >
                  {say.unarchive}
                </Menu.Item>
              )}
              {may && line.status !== "archived" && line.status !== "new" && (
                <Menu.Item
                  leftSection={<IconArchive size={15} stroke={1.6} />}
                  onClick={() => turning.turn(line.id, name, "archived")}
                >
                  {say.archive}
                </Menu.Item>
              )}
              {may && line.status === "new" && (
                <Menu.Item leftSection={<IconArchive size={15} stroke={1.6} />} onClick={() => turning.discard(line.id)}>
                  {say.discard}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </div>
      </td>
    </tr>
  );
}
