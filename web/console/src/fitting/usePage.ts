/** The page of the site that one looks at: the one that was looked at last, else where most people are. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "@/api/client";

export interface SitePage {
  /** What is written; "" while it is the usual one. */
  written: string;
  write: (page: string) => void;
  /** What will be opened; "" when nothing is known of the site yet. */
  page: string;
  known: readonly string[];
  remember: () => void;
}

export function useSitePage(project: string, site = ""): SitePage {
  const name = `omotenashi-page:${project}`;
  const known = useSitePages(project);
  const [kept] = useState(() => localStorage.getItem(name) ?? "");
  const [written, write] = useState("");
  const page = written || kept || site || known[0] || "";
  return { written, write, page, known, remember: () => localStorage.setItem(name, page) };
}

/** Addresses of the site that people look at, the most visited first. */
export function useSitePages(project: string): readonly string[] {
  const { data } = useQuery({
    queryKey: ["site-pages", project],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/values", {
          params: { path: { project }, query: { event: "view", field: "url", limit: 12 } },
          signal,
        }),
      ),
    staleTime: 300_000,
  });
  return (data ?? []).map((one) => String(one.value)).filter((one) => /^https?:/.test(one));
}
