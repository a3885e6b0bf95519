/** Where the tag remembers: localStorage where the browser allows it, memory where not. */

export interface Storage {
  get(name: string): string | null;
  /** Answers whether it will survive the page. */
  set(name: string, value: string): boolean;
  remove(name: string): void;
  names(prefix: string): string[];
}

/** Never throws: blocked, full and missing storage all fall back to memory. */
export function openStorage(area: () => globalThis.Storage): Storage {
  const memory = new Map<string, string>();
  const stored = <T>(ask: (found: globalThis.Storage) => T, otherwise: T): T => {
    try {
      return ask(area());
    } catch {
      return otherwise;
    }
  };
  return {
    get: (name) => memory.get(name) ?? stored((found) => found.getItem(name), null),
    set(name, value) {
      const kept = stored((found) => (found.setItem(name, value), true), false);
      if (kept) memory.delete(name);
      else memory.set(name, value);
      return kept;
    },
    remove(name) {
      memory.delete(name);
      stored((found) => found.removeItem(name), undefined);
    },
    names(prefix) {
      const found = stored((storage) => Object.keys(storage), [] as string[]);
      return [...new Set([...memory.keys(), ...found])].filter((name) => name.startsWith(prefix));
    },
  };
}
