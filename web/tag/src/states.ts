/** The states of a message: the elements with `data-omotenashi-state`, of which one is shown. */

const STATE = "data-omotenashi-state";

export class States {
  /** The name of the first one; empty when there are none. */
  readonly first: string;
  private readonly all: HTMLElement[];

  constructor(private readonly root: ShadowRoot) {
    this.all = [...root.querySelectorAll<HTMLElement>(`[${STATE}]`)];
    this.first = this.all[0]?.getAttribute(STATE) ?? "";
    this.show(this.first);
  }

  /** Shows the state of this name; false when there is none. */
  turn(state: string): boolean {
    const next = this.all.find((one) => one.getAttribute(STATE) === state);
    const focused = this.root.activeElement;
    if (next === undefined) return false;
    this.show(state);
    if (focused?.closest("[hidden]")) {
      next.tabIndex = -1;
      next.style.outline = "0";
      next.focus({ preventScroll: true });
    }
    return true;
  }

  private show(state: string): void {
    for (const one of this.all) one.hidden = one.getAttribute(STATE) !== state;
  }
}
