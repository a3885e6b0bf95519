/** The tag's single wrapper: whatever goes wrong inside, the page never hears of it. */

let listener: (error: unknown, where: string) => void = () => undefined;

/** Tells where swallowed errors go; the tag reports them as `_error` events. */
export function onFailure(heard: (error: unknown, where: string) => void): void {
  listener = heard;
}

/** The same function, unable to throw: a failure is reported and answered with `undefined`. */
export function quiet<A extends unknown[], R>(where: string, run: (...args: A) => R): (...args: A) => R | undefined {
  return (...args: A) => {
    try {
      return run(...args);
    } catch (error) {
      try {
        listener(error, where);
      } catch {
        // reporting failed too; silence is the last promise left
      }
      return undefined;
    }
  };
}

/** A listener on the page that cannot throw into it. */
export function listen(
  target: EventTarget,
  type: string,
  run: (event: Event) => void,
  options?: AddEventListenerOptions,
): void {
  target.addEventListener(type, quiet(type, run), options);
}
