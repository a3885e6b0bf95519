/** Code and markup the way a page's content security policy can judge them: with its nonce, by its trusted types. */

type Writer = "createHTML" | "createScript" | "createScriptURL";
type Policy = Record<Writer, (text: string) => string>;

let policy: Policy | undefined;

/** Pages that require Trusted Types allow the policy `omotenashi`. */
export function trusted(text: string, as: Writer): string {
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes;
  if (types === undefined) return text;
  const same = (given: string) => given;
  policy ??= types.createPolicy("omotenashi", { createHTML: same, createScript: same, createScriptURL: same });
  return policy[as](text);
}

/** An element that runs code, or styles, with the nonce that the page gave its own scripts. */
export function permitted<K extends "script" | "style">(name: K, page: Document): HTMLElementTagNameMap[K] {
  const element = page.createElement(name);
  const nonce = page.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
  if (nonce) element.nonce = nonce;
  return element;
}

/** Runs code at once; throws what it throws, and nothing of it reaches the page. */
export function run(code: string, page: Document): void {
  const element = permitted("script", page);
  element.text = trusted(code, "createScript");
  const thrown: unknown[] = [];
  const caught = (event: ErrorEvent) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    thrown.push(event.error ?? event.message);
  };
  addEventListener("error", caught, true);
  try {
    (page.head ?? page.documentElement).append(element);
  } finally {
    removeEventListener("error", caught, true);
    element.remove();
  }
  if (thrown.length > 0) throw thrown[0];
}
