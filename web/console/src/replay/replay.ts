/** The page `/replay`: rrweb's replayer fitted into whatever room there is. What is drawn may have been made up by anybody. */

import { Replayer } from "@rrweb/replay";
import { drawPresses, drawReach, found } from "./heat";
import { barred, Likeness, RULES } from "./likeness";
import styles from "./replay.css?inline";
import type { Begin, Recorded, Screen, Standing } from "./screen";

const META = 4;
const FULL = 2;
const QUIET_MS = 4_000;
const LONGEST_PAGE = 20_000;
const SETTLE_MS = 60;
const PATIENCE_MS = 800;
const LONGEST_NAME = 60;

type Given = ConstructorParameters<typeof Replayer>[0];

const root = document.getElementById("screen") as HTMLElement;
document.head.append(Object.assign(document.createElement("style"), { textContent: styles }));

let replayer: Replayer | null = null;
let likeness = new Likeness();
let size = { width: 0, height: 0 };
let started = 0;
let picture = 0; // ms until the first picture is there: before it nothing is drawn
let playing = false;
let idle = false;
let ended = false;
let isLive = false;
let last = 0;
const listeners = new Set<(standing: Standing) => void>();

function open(events: readonly Recorded[], how: { speed: number; skip: boolean; live: boolean }): Replayer {
  clear();
  likeness = new Likeness();
  const made = new Replayer([...events] as unknown as Given, {
    root,
    speed: how.speed,
    skipInactive: how.skip,
    inactivePeriodThreshold: QUIET_MS,
    liveMode: how.live,
    useVirtualDom: !how.live, // it would wait for the end of a seek, which never comes
    showWarning: false,
    triggerFocus: false,
    UNSAFE_replayCanvas: false,
    mouseTail: { duration: 400, lineWidth: 2, strokeStyle: "#d2482a" },
    insertStyleRules: [...RULES, ...barred(events)],
    plugins: [likeness.plugin],
  });
  likeness.watch(made);
  made.on("resize", (to) => {
    size = to as typeof size;
    fill();
  });
  made.on("skip-start", () => {
    idle = true;
  });
  made.on("skip-end", () => {
    idle = false;
  });
  made.on("finish", () => {
    ended = true;
    playing = false;
    idle = false;
  });
  made.iframe.setAttribute("tabindex", "-1");
  made.iframe.setAttribute("title", "");
  replayer = made;
  return made;
}

function clear(): void {
  replayer?.destroy();
  replayer = null;
  root.replaceChildren();
  root.removeAttribute("data-still");
  playing = ended = idle = isLive = false;
}

/** As large as it gets, in the middle. */
function fill(): void {
  if (!replayer || !size.width || root.hasAttribute("data-still")) return;
  const scale = Math.min(innerWidth / size.width, innerHeight / size.height);
  const left = (innerWidth - size.width * scale) / 2;
  const top = (innerHeight - size.height * scale) / 2;
  replayer.wrapper.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
}

function time(): number {
  return replayer ? started + Math.max(0, replayer.getCurrentTime()) : 0;
}

const screen: Screen = {
  begin(events, how: Begin) {
    const made = open(events, { ...how, live: false });
    started = events[0]?.timestamp ?? 0;
    last = events.at(-1)?.timestamp ?? started;
    picture = (events.find((event) => event.type === FULL)?.timestamp ?? started) - started + 1;
    const at = Math.max(picture, (how.at ?? started) - started);
    playing = how.playing;
    if (how.playing) made.play(at);
    else made.pause(at);
    void settled();
  },
  live(events, baseline) {
    const made = open([], { speed: 1, skip: false, live: true });
    isLive = true;
    playing = true;
    started = baseline;
    made.startLive(baseline);
    screen.add(events);
  },
  add(events) {
    if (!replayer) return;
    const waiting = ended && !isLive;
    const at = last - started;
    for (const event of events) {
      replayer.addEvent(event as unknown as Parameters<Replayer["addEvent"]>[0]);
      last = Math.max(last, event.timestamp);
    }
    if (waiting && events.length) {
      ended = false;
      playing = true;
      queueMicrotask(() => replayer?.play(at));
    }
  },
  play() {
    if (!replayer || isLive) return;
    replayer.play(ended ? picture : replayer.getCurrentTime());
    ended = false;
    playing = true;
  },
  pause() {
    if (!replayer || isLive) return;
    replayer.pause();
    playing = false;
  },
  seek(to) {
    if (!replayer || isLive) return;
    const at = Math.max(picture, to - started);
    ended = false;
    if (playing) replayer.play(at);
    else replayer.pause(at);
    void settled();
  },
  settled,
  speed(speed) {
    replayer?.setConfig({ speed });
  },
  skip(skip) {
    replayer?.setConfig({ skipInactive: skip });
    if (!skip) idle = false;
  },
  listen(heard) {
    listeners.add(heard);
    return () => listeners.delete(heard);
  },
  async still(events, at, width = 0) {
    if (!events.some((event) => event.type === FULL) || !events.some((event) => event.type === META)) return null;
    const made = open(events, { speed: 1, skip: false, live: false });
    started = events[0]?.timestamp ?? 0;
    made.pause(Math.max(1, at - started));
    made.wrapper.querySelector(".replayer-mouse")?.remove();
    await settled();
    const inside = made.iframe.contentDocument;
    if (!inside?.documentElement) return null;
    root.setAttribute("data-still", "");
    made.wrapper.style.transform = "";
    if (width) {
      made.iframe.setAttribute("width", String(width));
      made.iframe.style.width = `${width}px`;
    }
    const height = Math.min(LONGEST_PAGE, Math.max(inside.documentElement.scrollHeight, inside.body?.scrollHeight ?? 0));
    made.iframe.contentWindow?.scrollTo(0, 0);
    made.iframe.setAttribute("height", String(height));
    made.iframe.style.height = `${height}px`;
    await settled();
    return { width: made.iframe.offsetWidth, height };
  },
  presses: (presses) => (replayer ? drawPresses(replayer.wrapper, replayer.iframe, presses) : 0),
  reach: (shares) => {
    if (replayer) drawReach(replayer.wrapper, replayer.iframe, shares);
  },
  named(path) {
    const inside = replayer?.iframe.contentDocument;
    const element = inside ? found(inside, path) : null;
    const says = element?.getAttribute("aria-label") || element?.textContent || element?.getAttribute("alt") || "";
    return says.replace(/\s+/g, " ").trim().slice(0, LONGEST_NAME);
  },
  clear,
};

/** Pictures and fonts have had their chance. */
async function settled(): Promise<void> {
  const inside = replayer?.iframe.contentDocument;
  const pictures = [...(inside?.images ?? [])]
    .filter((one) => one.loading !== "lazy") // one out of sight would never come
    .map((one) => one.decode().catch(() => undefined));
  const patience = new Promise((done) => setTimeout(done, PATIENCE_MS));
  await Promise.race([Promise.all([...pictures, inside?.fonts.ready, likeness.painted()]), patience]);
  likeness.mend();
  await new Promise((done) => setTimeout(done, SETTLE_MS));
}

function tell(): void {
  if (replayer) {
    const standing = { time: time(), playing, idle, ended };
    for (const heard of listeners) heard(standing);
  }
  requestAnimationFrame(tell);
}

addEventListener("resize", fill);
requestAnimationFrame(tell);
window.omotenashiScreen = screen;
