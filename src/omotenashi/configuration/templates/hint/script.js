const frame = widget.element;
const EDGE = 12;
let shown = false;
let waiting = false;

/** The place if it can be seen. */
function placed() {
  try {
    return [...document.querySelectorAll({{ anchor | json }})].find((place) => place.getClientRects().length > 0);
  } catch {
    return undefined; // this browser does not know the selector
  }
}

function look() {
  waiting = false;
  if (widget.signal.aborted) return;
  const place = placed();
  const there = place !== undefined;
  if (there !== shown) {
    shown = there;
    if (there) widget.show();
    else widget.hide();
  }
  if (there) stand(place.getBoundingClientRect());
}

/** Below the place if there is room, else above it, with the point at the place's middle; else over it, without. */
function stand(box) {
  const middle = box.left + box.width / 2;
  const width = frame.offsetWidth;
  const height = frame.offsetHeight;
  const left = Math.max(EDGE, Math.min(middle - width / 2, document.documentElement.clientWidth - width - EDGE));
  const below = box.bottom + EDGE;
  const above = box.top - EDGE - height;
  const tops = { below, above, over: innerHeight - height - EDGE };
  const side = below + height + EDGE <= innerHeight ? "below" : above >= 0 ? "above" : "over";
  frame.dataset.side = side;
  frame.style.left = `${left}px`;
  frame.style.top = `${tops[side]}px`;
  frame.style.setProperty("--point", `${Math.max(20, Math.min(middle - left, width - 20))}px`);
}

function later() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(look);
}

addEventListener("scroll", later, { capture: true, passive: true, signal: widget.signal });
addEventListener("resize", later, { signal: widget.signal });
const changes = new MutationObserver(later);
changes.observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "style", "hidden", "open"] });
widget.signal.addEventListener("abort", () => changes.disconnect());
look();
