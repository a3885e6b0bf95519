/** What the page `/replay` offers to the page of the console around it. Both are of one origin, so it is called directly. */

/** An event as rrweb recorded it; `timestamp` is the page's own clock. */
export interface Recorded {
  type: number;
  timestamp: number;
  data: unknown;
}

/** A press on the page: `path` leads to the element from `html` down, `x` and `y` are shares of its width and height. */
export interface Press {
  path: string;
  x: number;
  y: number;
  times: number;
}

/** How the picture stands: told many times a second. `time` is the page's clock; `idle` while what is boring is passed over. */
export interface Standing {
  time: number;
  playing: boolean;
  idle: boolean;
  /** The end of all that was given so far has been reached. */
  ended: boolean;
}

export interface Begin {
  speed: number;
  skip: boolean;
  /** Where to begin, by the page's clock; left out: at the first event. */
  at?: number;
  playing: boolean;
}

export interface Screen {
  /** Draw a tab from its first events; whatever was drawn before is thrown away. At least two, of which one is a full snapshot. */
  begin(events: readonly Recorded[], how: Begin): void;
  /** Draw what comes from now on, as it comes; `baseline` is the moment that is drawn now, by the page's clock. */
  live(events: readonly Recorded[], baseline: number): void;
  /** More of the same tab. */
  add(events: readonly Recorded[]): void;
  play(): void;
  pause(): void;
  seek(time: number): void;
  /** Pictures, fonts and canvases of what is drawn now had their chance. */
  settled(): Promise<void>;
  speed(speed: number): void;
  skip(skip: boolean): void;
  /** Is told how it stands; the answer ends that. */
  listen(heard: (standing: Standing) => void): () => void;
  /**
   * Draw one page as it stood at `time`, whole, at its full height, laid out as wide as it was or at another width; its size, or
   * null when there is nothing to draw.
   */
  still(events: readonly Recorded[], time: number, width?: number): Promise<{ width: number; height: number } | null>;
  /** Lay the presses over what is drawn; how many found their element. */
  presses(presses: readonly Press[]): number;
  /** Lay over what is drawn how far down people came: the share of them for each of equal parts of the page, from its top. */
  reach(shares: readonly number[]): void;
  /** What the element that a path leads to says, in a few words; "" when there is none, or it says nothing. */
  named(path: string): string;
  clear(): void;
}

declare global {
  interface Window {
    omotenashiScreen?: Screen;
  }
}
