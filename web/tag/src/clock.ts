/** Time as the page can know it. */

export interface Clock {
  /** The browser's wall clock, ms; may jump. */
  now(): number;
  /** Never goes back, ms; some browsers stop it while the machine sleeps. */
  steady(): number;
}

export const clock: Clock = { now: () => Date.now(), steady: () => performance.now() };

export interface Mark {
  now: number;
  steady: number;
}

export function mark(time: Clock): Mark {
  return { now: time.now(), steady: time.steady() };
}

/** Ms since the mark, by whichever clock says more: a lease must never be thought younger than it is. */
export function since(from: Mark, time: Clock): number {
  return Math.max(time.now() - from.now, time.steady() - from.steady);
}
