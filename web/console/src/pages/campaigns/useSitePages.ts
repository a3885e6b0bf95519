import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";

/** Addresses of the site that people look at, the most visited first: where a message can be looked at. */
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
