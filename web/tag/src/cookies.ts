/** First-party cookies on the widest domain the browser lets this page write. */

export interface Cookies {
  get(name: string): string | null;
  set(name: string, value: string, seconds: number): void;
  remove(name: string): void;
}

const PROBE = "_omo_probe";

export function openCookies(page: Document, host: string, secure: boolean, configured?: string): Cookies {
  let domain: string | undefined = configured;

  const read = (name: string): string | null => {
    try {
      const found = page.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
      return found === undefined ? null : found.slice(name.length + 1);
    } catch {
      return null;
    }
  };
  const write = (name: string, value: string, seconds: number, on: string): void => {
    try {
      const where = on === "" ? "" : `; domain=${on}`;
      page.cookie = `${name}=${value}; path=/; max-age=${seconds}; SameSite=Lax${where}${secure ? "; Secure" : ""}`;
    } catch {
      // a sandboxed page has no cookies; storage or memory carries the id
    }
  };
  /** "" for this host only. Public suffixes refuse cookies, so the first domain that keeps one is registrable. */
  const widest = (): string => {
    if (/^[\d.]+$|:|^[^.]+$/.test(host)) return "";
    const labels = host.split(".");
    for (let from = labels.length - 2; from >= 0; from--) {
      const candidate = labels.slice(from).join(".");
      write(PROBE, "1", 10, candidate);
      const kept = read(PROBE) === "1";
      write(PROBE, "", 0, candidate);
      if (kept) return candidate;
    }
    return "";
  };
  const home = (): string => (domain ??= widest());

  return {
    get: read,
    set: (name, value, seconds) => write(name, value, seconds, home()),
    remove: (name) => write(name, "", 0, home()),
  };
}
