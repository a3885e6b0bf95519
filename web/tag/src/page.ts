/** The page view at hand, and how long it was really visible. */

import type { Clock } from "./clock";
import { randomId } from "./identity";
import type { PageContext } from "./wire";

const LONGEST = 4096;

export class PageViewClock {
  private total = 0;
  private visibleSince: number | null = null;

  constructor(private readonly time: Clock) {}

  restart(visible: boolean): void {
    this.total = 0;
    this.visibleSince = visible ? this.time.steady() : null;
  }

  turn(visible: boolean): void {
    this.total = this.ms;
    this.visibleSince = visible ? this.time.steady() : null;
  }

  get ms(): number {
    const running = this.visibleSince === null ? 0 : this.time.steady() - this.visibleSince;
    return Math.round(this.total + running);
  }
}

export class Page {
  id = "";
  private url = "";
  private title = "";
  private referrer = "";
  private readonly watch: PageViewClock;

  constructor(
    private readonly page: Document,
    private readonly place: Location,
    time: Clock,
  ) {
    this.watch = new PageViewClock(time);
    this.begin(page.referrer);
  }

  /** A new page view. On a route change the page before it is the referrer. */
  begin(referrer: string = this.url): void {
    this.id = randomId();
    this.referrer = referrer;
    this.url = this.place.href;
    this.title = this.page.title;
    this.watch.restart(this.visible);
  }

  get visible(): boolean {
    return this.page.visibilityState === "visible";
  }

  get visibleMs(): number {
    return this.watch.ms;
  }

  visibilityChanged(): void {
    this.watch.turn(this.visible);
  }

  /** Leaving: nothing counts as visible any more, whatever the browser still says. */
  hide(): void {
    this.watch.turn(false);
  }

  /** True when the address differs by more than its fragment from the one this view began with. */
  get moved(): boolean {
    return this.place.href.split("#")[0] !== this.url.split("#")[0];
  }

  get context(): PageContext {
    if (!this.moved) this.title = this.page.title;
    return {
      id: this.id,
      url: this.url.slice(0, LONGEST),
      title: this.title.slice(0, LONGEST),
      referrer: this.referrer.slice(0, LONGEST),
      visible: this.visible,
      visible_ms: this.watch.ms,
    };
  }
}
