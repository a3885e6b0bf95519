/** What every part of one builder shares. */

import { createContext, useContext } from "react";
import type { Rule, Scope } from "./tree";
import type { KnownField, RuleWords } from "./vocabulary";

export interface House {
  project: string;
  scope: Scope;
  words: RuleWords;
  /** Fields that conditions over one event may name, with that event; for scope "person" none. */
  event: string;
  fields: readonly KnownField[];
  problems: readonly { path: string; message: string }[];
  /** A part was taken out; it may come back. */
  removed: (before: Rule, part: Rule) => void;
}

export const HouseContext = createContext<House | null>(null);

export function useHouse(): House {
  const found = useContext(HouseContext);
  if (!found) throw new Error("useHouse() is for parts of a RuleBuilder");
  return found;
}
