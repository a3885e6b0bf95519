import { expect, it } from "vitest";
import type { Options as Told, Omotenashi } from "../src/package";
import type { Options, Tag } from "../src/tag";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Verb = "track" | "view" | "identify" | "attribute" | "consent" | "optOut" | "optIn" | "reset" | "on";

it("the package's options are the tag's, and each of its verbs is one", () => {
  const options: Same<Omit<Told, "endpoint">, Omit<Options, "endpoint">> = true;
  const verbs: Verb extends keyof Tag ? true : false = true;
  const says: Parameters<Omotenashi>[0] extends Verb ? true : false = true;
  expect([options, verbs, says]).toEqual([true, true, true]);
});
