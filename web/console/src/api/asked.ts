/**
 * What is asked of the API from more than one place, by what it is about: pages ask with these, and routes ask them early, while a
 * page's own code is still on its way.
 */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Rule } from "@/rules/tree";
import { api, ask, type Schemas } from "./client";

export type DocumentKind = Schemas["Document"]["kind"];

const MINUTE = 60_000;
/** Moments of a story that come at once. */
const MOMENTS = 120;
/** People of a list. */
const PEOPLE = 50;

const of = (project: string) => ({ path: { project } });

export const home = (project: string) =>
  queryOptions({
    queryKey: ["home", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/home", { params: of(project), signal })),
  });

export const names = (project: string) =>
  queryOptions({
    queryKey: ["names", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/names", { params: of(project), signal })),
    staleTime: MINUTE,
  });

export const campaigns = (project: string) =>
  queryOptions({
    queryKey: ["campaigns", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/campaigns", { params: of(project), signal })),
  });

export const segments = (project: string) =>
  queryOptions({
    queryKey: ["segments", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/segments", { params: of(project), signal })),
  });

export const segmentSizes = (project: string) =>
  queryOptions({
    queryKey: ["segment-sizes", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/segments/sizes", { params: of(project), signal })),
  });

/** What of a kind there is, in force and as drafts. */
export const documents = (project: string, kind: "segments" | "events" | "templates") =>
  queryOptions({
    queryKey: ["documents", project, kind],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/documents", { params: { ...of(project), query: { kind } }, signal })),
  });

/** Reads one document anew, as it stands, with its draft. */
export const readDocument = (project: string, kind: DocumentKind, id: string, signal?: AbortSignal) =>
  ask(api.GET("/api/projects/{project}/documents/{kind}/{id}", { params: { path: { project, kind, id } }, signal }));

/** One document as it was last read. */
export const document = (project: string, kind: DocumentKind, id: string) =>
  queryOptions({
    queryKey: ["document", project, kind, id],
    queryFn: ({ signal }) => readDocument(project, kind, id, signal),
  });

export const tables = (project: string) =>
  queryOptions({
    queryKey: ["tables", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/tables", { params: of(project), signal })),
  });

export const templates = (project: string) =>
  queryOptions({
    queryKey: ["templates", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/templates", { params: of(project), signal })),
    staleTime: MINUTE,
  });

export const pictures = (project: string) =>
  queryOptions({
    queryKey: ["assets", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/assets", { params: of(project), signal })),
  });

export const recipes = () =>
  queryOptions({
    queryKey: ["recipes"],
    queryFn: ({ signal }) => ask(api.GET("/api/recipes", { signal })),
    staleTime: 5 * MINUTE,
  });

export const catalogue = (project: string) =>
  queryOptions({
    queryKey: ["catalogue", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/catalogue", { params: of(project), signal })),
  });

/** How the site is connected, and whether it was heard of. */
export const connection = (project: string) =>
  queryOptions({
    queryKey: ["connection", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/connection", { params: of(project), signal })),
  });

/** The names that rules are written with. */
export const ruleWords = (project: string) =>
  queryOptions({
    queryKey: ["rule-words", project],
    queryFn: ({ signal }) => ask(api.GET("/api/projects/{project}/rules/words", { params: of(project), signal })),
    staleTime: MINUTE,
  });

/** Whoever came a moment ago is known on the site a breath before they are known here. */
const KNOWN_SOON = { retry: (failures: number) => failures < 4, retryDelay: 700 };

export const portrait = (project: string, name: string) =>
  queryOptions({
    queryKey: ["person", project, name],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/people/{name}/profile", { params: { path: { project, name } }, signal })),
    ...KNOWN_SOON,
  });

export const story = (project: string, name: string) =>
  infiniteQueryOptions({
    queryKey: ["story", project, name],
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/projects/{project}/people/{name}/story", {
          params: { path: { project, name }, query: { limit: MOMENTS, before: pageParam } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.older || undefined,
    ...KNOWN_SOON,
    staleTime: 30_000,
  });

/** Whom a word or a rule finds, the latest first. It is asked with a POST: see `askEarly`. */
export const peopleFound = (project: string, text = "", rule: Rule | undefined = undefined) =>
  infiniteQueryOptions({
    queryKey: ["people", project, text, rule ?? null],
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.POST("/api/projects/{project}/people/search", {
          params: of(project),
          body: { text, rule: rule ?? [], limit: PEOPLE, before: pageParam },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.older || undefined,
  });

/** A campaign's report over a span of days (YYYY-MM-DD). */
export const report = (project: string, campaign: string, span: { start?: string; end?: string }) =>
  queryOptions({
    queryKey: ["report", project, campaign, span],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/campaigns/{campaign}/report", {
          params: { path: { project, campaign }, query: span },
          signal,
        }),
      ),
  });

/** Opens a recording, which is written down; opened again after a moment, it is another viewing. */
export const viewing = (project: string, recording: string) =>
  queryOptions({
    queryKey: ["viewing", project, recording],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/projects/{project}/recordings/{recording}/viewings", {
          params: { path: { project, recording } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
    retry: false,
  });
