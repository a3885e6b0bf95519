/** What a rule of this project can be made of, as the server knows it. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ruleWords } from "@/api/asked";
import { ApiError, api, ask, type Schemas } from "@/api/client";
import type { Rule, Scope } from "./tree";

export type RuleWords = Schemas["RuleWords"];
export type KnownEvent = Schemas["KnownEvent"];
export type KnownField = Schemas["KnownField"];
export type Suggested = Schemas["Suggested"];
export type Reading = Schemas["Reading"];

const MINUTE = 60_000;

export function useRuleWords(project: string) {
  return useQuery(ruleWords(project));
}

export function useFields(project: string, event: string | undefined) {
  return useQuery({
    queryKey: ["rule-fields", project, event],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/rules/fields", {
          params: { path: { project }, query: { event: event ?? "" } },
          signal,
        }),
      ),
    enabled: event !== undefined,
    staleTime: MINUTE,
  });
}

export type ValuesOf = { event: string; field: string } | { fact: string } | { attribute: string };

/** The usual values; none where the reader may not see them. */
export function useValues(project: string, of: ValuesOf | undefined, wanted: boolean) {
  return useQuery({
    queryKey: ["rule-values", project, of],
    queryFn: async ({ signal }): Promise<Suggested[]> => {
      if (!of) return [];
      if ("attribute" in of) {
        const query = { attribute: of.attribute };
        try {
          return await ask(
            api.GET("/api/projects/{project}/rules/attribute-values", { params: { path: { project }, query }, signal }),
          );
        } catch (error) {
          if (error instanceof ApiError && error.status === 403) return [];
          throw error;
        }
      }
      return ask(api.GET("/api/projects/{project}/rules/values", { params: { path: { project }, query: of }, signal }));
    },
    enabled: wanted && of !== undefined,
    staleTime: MINUTE,
  });
}

/** The rule read back by the server: its sentence in both languages, or what is wrong in it. */
export function useReading(project: string, rule: Rule, scope: Scope, segment = "") {
  return useQuery({
    queryKey: ["rule-reading", project, scope, segment, rule],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/rules/read", {
          params: { path: { project } },
          body: { rule: rule ?? [], scope, segment },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: MINUTE,
  });
}
