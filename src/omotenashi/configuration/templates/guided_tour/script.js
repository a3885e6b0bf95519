const frame = widget.element;
const light = frame.querySelector(".light");
const back = frame.querySelector("[data-back]");
const next = frame.querySelector("[data-next]");
const steps = [...frame.querySelectorAll("[data-omotenashi-state]")];
const EDGE = 12;
let at = Math.min(Number(widget.storage.get("step") || 0), steps.length);
let shown = false;
let lit;
let waiting = false;

/** The step's place if it can be seen: null when it is not there (yet), undefined when the step names none. */
function placeOf(step) {
  const { anchor } = step.dataset;
  if (anchor === "") return undefined;
  try {
    return [...document.querySelectorAll(anchor)].find((place) => place.getClientRects().length > 0) || null;
  } catch {
    return null; // this browser does not know the selector
  }
}

function look() {
  waiting = false;
  if (widget.signal.aborted) return;
  const step = steps[at];
  const place = placeOf(step);
  if (place === null) {
    if (shown) widget.hide();
    shown = false;
    return;
  }
  if (!shown) {
    shown = true;
    widget.show();
  }
  if (widget.state !== step.dataset.omotenashiState) widget.setState(step.dataset.omotenashiState);
  back.hidden = at === 0;
  next.hidden = step.dataset.press !== undefined;
  next.textContent = at === steps.length - 1 ? {{ done | json }} : {{ next | json }};
  if (place !== lit) bring(place);
  lit = place;
  stand(place);
}

/** Scrolls the place into the window when it is not wholly in it. */
function bring(place) {
  if (place === undefined) return;
  const { top, bottom } = place.getBoundingClientRect();
  if (top >= 0 && bottom <= innerHeight) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
}

/** Below the place if there is room, else above it, else over its lower part; in the middle without a place. */
function stand(place) {
  const width = frame.offsetWidth;
  const height = frame.offsetHeight;
  const room = document.documentElement.clientWidth;
  if (place === undefined) {
    put(light, innerWidth / 2, innerHeight / 2, 0, 0);
    put(frame, (room - width) / 2, (innerHeight - height) / 2);
    return;
  }
  const box = place.getBoundingClientRect();
  put(light, box.left - 6, box.top - 6, box.width + 12, box.height + 12);
  const below = box.bottom + 6 + EDGE;
  const above = box.top - 6 - EDGE - height;
  const top = below + height + EDGE <= innerHeight ? below : above >= EDGE ? above : innerHeight - height - EDGE;
  put(frame, Math.max(EDGE, Math.min(box.left + box.width / 2 - width / 2, room - width - EDGE)), top);
}

function put(element, left, top, width, height) {
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
  if (width === undefined) return;
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
}

function go(to) {
  at = to;
  widget.storage.set("step", at);
  if (at >= steps.length) widget.close("button");
  else look();
}

function later() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(look);
}

back.addEventListener("click", () => go(at - 1));
next.addEventListener("click", () => go(at + 1));
document.addEventListener(
  "click",
  (event) => {
    if (shown && steps[at].dataset.press !== undefined && lit && event.composedPath().includes(lit)) go(at + 1);
  },
  { capture: true, signal: widget.signal },
);
addEventListener("scroll", later, { capture: true, passive: true, signal: widget.signal });
addEventListener("resize", later, { signal: widget.signal });
const changes = new MutationObserver(later);
changes.observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "style", "hidden", "open"] });
widget.signal.addEventListener("abort", () => changes.disconnect());
widget.on("close", (by) => {
  // Who skips it is done with it; who goes to another page is not.
  if (by === "button" || by === "escape") widget.storage.set("step", steps.length);
});
go(at);
