import { describe, expect, test } from "vitest";
import { openCookies } from "../src/cookies";
import { Identity, OPT_OUT, VISITOR_COOKIE, optedOut, randomId } from "../src/identity";
import { HandClock, Jar, drawer, lockedStorage } from "./house";

const clock = new HandClock();

/** A document whose cookie jar accepts only what a browser would: nothing on a public suffix. */
function browser(host: string, suffixes: string[]): { page: Document; written: string[] } {
  const kept = new Map<string, string>();
  const written: string[] = [];
  const page = {
    get cookie() {
      return [...kept].map(([name, value]) => `${name}=${value}`).join("; ");
    },
    set cookie(text: string) {
      written.push(text);
      const [pair = "", ...rest] = text.split("; ");
      const domain = rest.find((part) => part.startsWith("domain="))?.slice(7);
      if (domain !== undefined && (suffixes.includes(domain) || !`.${host}`.endsWith(`.${domain}`))) return;
      const [name = "", value = ""] = pair.split("=");
      if (rest.includes("max-age=0")) kept.delete(name);
      else kept.set(name, value);
    },
  };
  return { page: page as unknown as Document, written };
}

describe("the visitor id", () => {
  test("is 26 letters and digits, different each time", () => {
    const ids = new Set(Array.from({ length: 500 }, randomId));
    expect(ids.size).toBe(500);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]{26}$/);
  });

  test("stands in the cookie and in storage, and either one alone brings it back", () => {
    const jar = new Jar();
    const { storage } = drawer();
    const first = new Identity(jar, storage, clock).visitor;
    expect(jar.get(VISITOR_COOKIE)).toBe(first);
    expect(new Identity(new Jar(), storage, clock).visitor).toBe(first);
    expect(new Identity(jar, drawer().storage, clock).visitor).toBe(first);
  });

  test("is written again after a day, or where it is missing, and not on each page", () => {
    const jar = new Jar();
    const { storage } = drawer();
    const time = new HandClock();
    const written: string[] = [];
    const cookies = { ...jar, get: jar.get.bind(jar), remove: jar.remove.bind(jar), set: (name: string, value: string) => (written.push(value), jar.set(name, value)) };
    const { visitor } = new Identity(cookies, storage, time);
    new Identity(cookies, storage, time);
    expect(written).toEqual([visitor]);
    jar.remove(VISITOR_COOKIE);
    new Identity(cookies, storage, time);
    expect(written).toEqual([visitor, visitor]);
    time.pass(25 * 60 * 60 * 1000);
    new Identity(cookies, storage, time);
    expect(written).toEqual([visitor, visitor, visitor]);
  });

  test("lasts for the page when nothing can be stored", () => {
    const storage = lockedStorage();
    const identity = new Identity(new Jar(), storage, clock);
    expect(identity.visitor).toBe(identity.visitor);
    expect(storage.get(VISITOR_COOKIE)).toBe(identity.visitor);
  });

  test("is replaced by what the server says, but not by nonsense", () => {
    const jar = new Jar();
    const identity = new Identity(jar, drawer().storage, clock);
    identity.adopt("<script>");
    expect(identity.visitor).toMatch(/^[a-z0-9]{26}$/);
    identity.adopt("B".repeat(43));
    expect(jar.get(VISITOR_COOKIE)).toBe("B".repeat(43));
  });

  test("is another one after a logout, and the member is forgotten", () => {
    const identity = new Identity(new Jar(), drawer().storage, clock);
    const before = identity.visitor;
    identity.remember("hanako");
    identity.renew();
    expect(identity.visitor).not.toBe(before);
    expect(identity.user).toBeNull();
  });
});

describe("the opt-out", () => {
  test("is seen in either place without anything being written", () => {
    const { storage, area } = drawer();
    const jar = new Jar();
    expect(optedOut(jar, storage)).toBe(false);
    jar.set(OPT_OUT, "1");
    expect(optedOut(jar, storage)).toBe(true);
    expect(area.length).toBe(0);
    storage.set(OPT_OUT, "1");
    expect(optedOut(new Jar(), storage)).toBe(true);
  });
});

describe("the cookie's domain", () => {
  test("is the registrable one, found by what the browser refuses", () => {
    const { page, written } = browser("shop.midori.co.jp", ["jp", "co.jp"]);
    openCookies(page, "shop.midori.co.jp", true).set("_omo", "x", 60);
    expect(written.at(-1)).toBe("_omo=x; path=/; max-age=60; SameSite=Lax; domain=midori.co.jp; Secure");
    expect(page.cookie).toBe("_omo=x");
  });

  test("is this host alone for addresses and single names", () => {
    for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
      const { page, written } = browser(host, []);
      openCookies(page, host, false).set("_omo", "x", 60);
      expect(written).toEqual(["_omo=x; path=/; max-age=60; SameSite=Lax"]);
    }
  });
});
