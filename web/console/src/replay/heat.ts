/** Heat laid over a page that is drawn: where it was pressed, and how far down people came. */

import type { Press } from "./screen";

const RADIUS = 26;
const RAMP = ["#4d6a3300", "#9cbf77", "#e8b24a", "#f0764f", "#d2482a"];

/** The element that a path leads to: `html>body:1>main:1`, or from the nearest id, `#buy>button:2`. */
export function found(inside: Document, path: string): Element | null {
  let here: Element | null = inside.documentElement;
  for (const step of path.split(">")) {
    if (!here) return null;
    if (step.startsWith("#")) {
      here = inside.getElementById(step.slice(1));
    } else if (step !== "html") {
      const [tag, place] = step.split(":");
      let left = Number(place);
      const child: Element | undefined = [...here.children].find((one) => one.localName === tag && left-- === 1);
      here = child ?? null;
    }
  }
  return here;
}

function layer(wrapper: HTMLElement, frame: HTMLIFrameElement): HTMLElement {
  wrapper.querySelector(".heat")?.remove();
  const over = Object.assign(document.createElement("div"), { className: "heat" });
  over.style.width = `${frame.offsetWidth}px`;
  over.style.height = `${frame.offsetHeight}px`;
  wrapper.append(over);
  return over;
}

/** Draws the presses; how many of them found their element. */
export function drawPresses(wrapper: HTMLElement, frame: HTMLIFrameElement, presses: readonly Press[]): number {
  const over = layer(wrapper, frame);
  const inside = frame.contentDocument;
  const canvas = Object.assign(document.createElement("canvas"), { width: frame.offsetWidth, height: frame.offsetHeight });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  over.append(canvas);
  if (!inside || !pen) return 0;
  const most = Math.max(1, ...presses.map((press) => press.times));
  let placed = 0;
  for (const press of presses) {
    const element = found(inside, press.path);
    const box = element?.getBoundingClientRect();
    if (!box?.width || !box.height) continue;
    placed += press.times;
    const x = box.left + box.width * press.x;
    const y = box.top + box.height * press.y;
    const glow = pen.createRadialGradient(x, y, 0, x, y, RADIUS);
    glow.addColorStop(0, `rgba(0,0,0,${0.25 + (0.75 * press.times) / most})`);
    glow.addColorStop(1, "rgba(0,0,0,0)");
    pen.fillStyle = glow;
    pen.fillRect(x - RADIUS, y - RADIUS, RADIUS * 2, RADIUS * 2);
  }
  colour(pen, canvas);
  return placed;
}

/** Darkness becomes colour. */
function colour(pen: CanvasRenderingContext2D, canvas: HTMLCanvasElement): void {
  if (!canvas.width || !canvas.height) return;
  const ramp = Object.assign(document.createElement("canvas"), { width: 256, height: 1 });
  const ramped = ramp.getContext("2d");
  if (!ramped) return;
  const gradient = ramped.createLinearGradient(0, 0, 256, 0);
  for (const [place, one] of RAMP.entries()) gradient.addColorStop(place / (RAMP.length - 1), one);
  ramped.fillStyle = gradient;
  ramped.fillRect(0, 0, 256, 1);
  const shades = ramped.getImageData(0, 0, 256, 1).data;
  const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
  for (let place = 3; place < picture.data.length; place += 4) {
    const depth = picture.data[place] ?? 0;
    if (!depth) continue;
    picture.data[place - 3] = shades[depth * 4] ?? 0;
    picture.data[place - 2] = shades[depth * 4 + 1] ?? 0;
    picture.data[place - 1] = shades[depth * 4 + 2] ?? 0;
    picture.data[place] = Math.min(210, 60 + depth);
  }
  pen.putImageData(picture, 0, 0);
}

/** Draws bands from the top down: warm where everybody came, cold where few did. */
export function drawReach(wrapper: HTMLElement, frame: HTMLIFrameElement, shares: readonly number[]): void {
  const over = layer(wrapper, frame);
  const height = frame.offsetHeight / Math.max(1, shares.length);
  for (const [place, share] of shares.entries()) {
    const band = Object.assign(document.createElement("div"), { className: "reach" });
    band.style.top = `${place * height}px`;
    band.style.height = `${height}px`;
    band.style.background = `color-mix(in oklab, #d2482a ${Math.round(share * 100)}%, #27406b)`;
    band.style.opacity = "0.45";
    if (place % Math.max(1, Math.round(shares.length / 10)) === 0) band.dataset.share = `${Math.round(share * 100)} %`;
    over.append(band);
  }
}
