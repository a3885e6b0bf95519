/** Heatmaps: where a page was pressed, and how far down people came, laid over it as one of them saw it. */

import { SegmentedControl, Select } from "@mantine/core";
import { IconFlame } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { Page } from "@/parts/Page";
import { EmptyState, Loaded, SkeletonBlock } from "@/parts/states";
import { words as people } from "@/people/words";
import type { Recorded, Screen } from "@/replay/screen";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Heatmaps.module.css";
import { useScreen } from "./usePlayer";
import { words } from "./words";

type Heatmap = Schemas["Heatmap"];
type Device = "phone" | "tablet" | "desktop";
type What = "clicks" | "scroll";

const DEVICES: readonly Device[] = ["desktop", "phone", "tablet"];
/** The widths that a page can be laid out at; 0 is that of whoever saw it. */
const WIDTHS = [0, 390, 768, 1000, 1440] as const;
const BANDS = 40;
const TOP = 12;

export default function Heatmaps() {
  const say = useWords(words);
  const said = useWords(people);
  const project = useProject();
  const { number } = useFormats();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { device?: Device; page?: string; what?: What; width?: number };
  const { device = "desktop", page = "", what = "clicks", width = 0 } = search;
  const wide = what === "scroll" ? 0 : Number(width); // how far down was seen is known of the width it was seen at
  const choose = (change: Partial<typeof search>) =>
    void navigate({ to: ".", search: { device, page, what, width, ...change }, replace: true } as never);
  const query = useQuery({
    queryKey: ["heatmap", project.id, device, page],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/heatmaps", {
          params: { path: { project: project.id } },
          body: { device, page },
          signal,
        }),
      ),
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  const heat = query.data;
  return (
    <Page
      wide
      title={say.heatmaps}
      lead={heat ? `${heat.page} · ${say.heat.from(number(heat.recordings), number(heat.views))}` : say.heat.lead}
      crumbs={[{ label: say.title, to: `/p/${project.id}/recordings` }]}
      actions={
        <>
          <Select
            aria-label={say.heat.page}
            searchable
            allowDeselect={false}
            w={260}
            data={[...new Set([...(heat?.pages ?? []).map((one) => one.path), ...(heat ? [heat.page] : [])])]}
            value={heat?.page ?? null}
            onChange={(to) => to && choose({ page: to })}
          />
          <SegmentedControl
            aria-label={say.heat.device}
            value={device}
            onChange={(to) => choose({ device: to as Device, page: "" })}
            data={DEVICES.map((one) => ({ value: one, label: said.devices[one] }))}
          />
          <Select
            aria-label={say.heat.width}
            allowDeselect={false}
            w={148}
            data={WIDTHS.map((one) => ({ value: String(one), label: one ? say.heat.wide(number(one)) : say.heat.asSeen }))}
            value={String(wide)}
            disabled={what === "scroll"}
            onChange={(to) => choose({ width: Number(to) })}
          />
          <SegmentedControl
            aria-label={say.heat.what}
            value={what}
            onChange={(to) => choose({ what: to as What })}
            data={[
              { value: "clicks", label: say.heat.clicks },
              { value: "scroll", label: say.heat.scroll },
            ]}
          />
        </>
      }
    >
      <Loaded query={query} skeleton={<SkeletonBlock height={520} />}>
        {(found) =>
          found.picture.length === 2 ? (
            <Drawn key={`${device} ${found.page} ${wide}`} heat={found} what={what} wide={wide} />
          ) : (
            <EmptyState icon={<IconFlame size={32} stroke={1.4} />} title={say.heat.none}>
              {say.heat.noneHelp}
            </EmptyState>
          )
        }
      </Loaded>
    </Page>
  );
}

function Drawn({ heat, what, wide }: { heat: Heatmap; what: What; wide: number }) {
  const say = useWords(words).heat;
  const { number, percent } = useFormats();
  const frame = useRef<HTMLIFrameElement>(null);
  const [screen, loaded] = useScreen(frame);
  const [placed, setPlaced] = useState(0);
  const size = useStill(screen, heat, wide);
  const all = heat.presses.reduce((sum, one) => sum + one.times, 0);
  const shares = useMemo(() => reached(heat.seen, size?.height ?? 0), [heat.seen, size]);
  useEffect(() => {
    if (!screen || !size) return;
    if (what === "clicks") setPlaced(screen.presses(heat.presses.map((one) => ({ ...one, x: 0.5, y: 0.5 }))));
    else screen.reach(shares);
  }, [screen, size, what, heat.presses, shares]);
  const room = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const box = room.current;
    if (!box) return;
    const watching = new ResizeObserver(() => setWidth(box.clientWidth));
    watching.observe(box);
    return () => watching.disconnect();
  }, []);
  const scale = size ? Math.min(1, width / size.width) : 1;
  return (
    <div className={styles.layout}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach it */}
      <section className={styles.room} ref={room} tabIndex={0} aria-label={heat.page}>
        <div className={styles.paper} style={size ? { width: size.width * scale, height: size.height * scale } : { height: 520 }}>
          <iframe
            ref={frame}
            src="/replay"
            title={say.clicks}
            onLoad={loaded}
            style={
              size ? { width: size.width, height: size.height, transform: `scale(${scale})` } : { width: "100%", height: 520 }
            }
          />
        </div>
      </section>
      <aside className={styles.beside} aria-label={what === "clicks" ? say.top : say.scroll}>
        {what === "clicks" ? (
          <>
            <h2>{say.top}</h2>
            {heat.presses.length === 0 && <p className="muted">{say.nothing}</p>}
            <ol>
              {heat.presses.slice(0, TOP).map((one) => (
                <li key={one.path}>
                  <span title={one.path}>{named(frame.current, one.path) || one.path.split(">").at(-1)}</span>
                  <b>{say.times(number(one.times))}</b>
                </li>
              ))}
            </ol>
            {all > 0 && size && <p className={styles.small}>{say.placed(number(placed), number(all))}</p>}
          </>
        ) : (
          <>
            <h2>{say.scroll}</h2>
            <p>{say.fold(percent(shares.at(-1) ?? 0, 0))}</p>
          </>
        )}
      </aside>
    </div>
  );
}

/** The page, drawn whole, at a width if one is wished; its size. */
function useStill(screen: Screen | null, heat: Heatmap, wide: number): { width: number; height: number } | null {
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  useEffect(() => {
    if (!screen) return;
    let over = false;
    const events = heat.picture as unknown as Recorded[];
    void screen.still(events, (events[1]?.timestamp ?? 0) + 50, wide).then((drawn) => {
      if (!over) setSize(drawn);
    });
    return () => {
      over = true;
    };
  }, [screen, heat.picture, wide]);
  return size;
}

/** The share of views that came so far down, for each of equal parts of the page. */
function reached(seen: readonly number[], height: number): number[] {
  if (!height || !seen.length) return [];
  return Array.from({ length: BANDS }, (_, band) => {
    const middle = ((band + 0.5) / BANDS) * height;
    return seen.filter((one) => one >= middle).length / seen.length;
  });
}

/** What an element is called on the page. */
function named(frame: HTMLIFrameElement | null, path: string): string {
  return frame?.contentWindow?.omotenashiScreen?.named(path) ?? "";
}
