/** A recipe's files with its parameters put in, to look at it before anything is made: the server does the real filling. */

import type { Schemas } from "@/api/client";
import type { Action } from "@/messages/usePreview";

export type Recipe = Schemas["Recipe"];
export type Parameter = Schemas["Parameter"];
export type Value = string | number | string[] | { [language: string]: string };

/** What each parameter begins with. */
export function defaults(recipe: Recipe): Record<string, Value> {
  const found: Record<string, Value> = {};
  for (const [name, parameter] of Object.entries(recipe.parameters ?? {})) {
    if (parameter.default !== undefined && parameter.default !== null) found[name] = parameter.default as Value;
  }
  return found;
}

/** The messages that the recipe's campaigns would show. */
export function messages(recipe: Recipe, values: Record<string, Value>): Action[] {
  return Object.entries(recipe.files)
    .filter(([path]) => path.startsWith("campaigns/"))
    .flatMap(([, data]) => ((data as { actions?: unknown[] }).actions ?? []) as Record<string, unknown>[])
    .filter((arm) => arm.template !== undefined)
    .map((arm) => put(arm, values) as unknown as Action)
    .map(({ template, texts, variables, display }) => ({
      template,
      ...(texts ? { texts } : {}),
      ...(variables ? { variables } : {}),
      ...(display ? { display } : {}),
    }));
}

function put(data: unknown, values: Record<string, Value>): unknown {
  if (Array.isArray(data))
    return data.flatMap((one) => {
      const filled = put(one, values);
      return typeof one === "string" && Array.isArray(filled) ? filled : [filled];
    });
  if (typeof data === "object" && data !== null)
    return Object.fromEntries(Object.entries(data).map(([key, one]) => [String(put(key, values)), put(one, values)]));
  if (typeof data !== "string" || !data.startsWith("$")) return data;
  const [name = "", language] = data.slice(1).split(".");
  const value = values[name] ?? "";
  return language && typeof value === "object" && !Array.isArray(value) ? (value[language] ?? "") : value;
}
