/** What the visitor does and how the page changes, followed only while a message lives. */

import type { Clock } from "./clock";
import { listen, quiet } from "./quiet";

/** A page that changes all the time is looked at ten times a second at most. */
const OFTEN_MS = 100;
/** A pointer that leaves so soon after a press on a link follows the link. */
const LINK_MS = 3_000;

export interface Watcher {
  /** Something has changed that a condition may read; never more often than every `OFTEN_MS`. */
  look(): void;
  /** The page's elements have changed, and nothing of it was painted yet. */
  keep(): void;
  /** The window has another size. */
  fit(): void;
  /** The visitor has pressed Escape, and the page does nothing with it. */
  escape(): void;
}

export class Attention {
  /** The pointer has left the window at its top edge, and not by a press on a link. */
  out = false;
  /** By the steady clock. */
  activeAt = 0;
  private linkAt = Number.NEGATIVE_INFINITY;
  private listening: AbortController | undefined;
  private observer: MutationObserver | undefined;
  private planned: ReturnType<typeof setTimeout> | undefined;
  private resized = false;

  constructor(
    private readonly page: Document,
    private readonly time: Clock,
    private readonly watcher: Watcher,
  ) {}

  /** `live`: a message lives. `elements`: one of them depends on the page's elements. */
  watch(live: boolean, elements: boolean): void {
    if (!live) {
      this.listening?.abort();
      this.listening = undefined;
      clearTimeout(this.planned);
      this.planned = undefined;
    } else if (this.listening === undefined) this.listen();
    if (!elements) {
      this.observer?.disconnect();
      this.observer = undefined;
    } else if (this.observer === undefined) {
      const changed = quiet("mutation", () => {
        this.watcher.keep();
        this.soon();
      });
      this.observer = new MutationObserver(changed);
      this.observer.observe(this.page, { childList: true, subtree: true, attributes: true });
    }
  }

  private listen(): void {
    const { page, time } = this;
    const { signal } = (this.listening = new AbortController());
    const heed = (target: EventTarget, types: string, run: (event: Event) => void) => {
      for (const type of types.split(" ")) listen(target, type, run, { passive: true, capture: true, signal });
    };
    const acts = () => {
      this.activeAt = time.steady();
      this.out = false;
    };
    acts();
    heed(page, "pointermove pointerdown keydown wheel touchstart scroll", acts);
    heed(page, "scroll", () => this.soon());
    heed(page, "click", (event) => this.pressed(event));
    heed(page.documentElement, "mouseleave", (event) => this.leaves(event as MouseEvent));
    heed(window, "resize", () => {
      this.resized = true;
      this.soon();
    });
    // not captured: the page may use the key itself and say so
    listen(page, "keydown", (event) => this.key(event as KeyboardEvent), { signal });
  }

  private pressed(event: Event): void {
    const [target] = event.composedPath();
    if (target instanceof Element && target.closest("a[href],[type=submit]")) this.linkAt = this.time.steady();
  }

  private leaves(event: MouseEvent): void {
    const atTop = event.target === this.page.documentElement && event.clientY <= 0 && event.buttons === 0;
    const follows = this.time.steady() - this.linkAt < LINK_MS;
    if (!atTop || follows || !matchMedia("(hover: hover)").matches) return;
    this.out = true;
    this.watcher.look();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) this.watcher.escape();
  }

  private soon(): void {
    const look = quiet("look", () => {
      this.planned = undefined;
      if (this.resized) this.watcher.fit();
      this.resized = false;
      this.watcher.look();
    });
    this.planned ??= setTimeout(look, OFTEN_MS);
  }
}
