/** What was asked of the API and is still fresh, for every page. */

import { type FetchInfiniteQueryOptions, type FetchQueryOptions, QueryClient, type QueryKey } from "@tanstack/react-query";
import { ApiError } from "./client";

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status > 0 && error.status < 500),
    },
  },
});

/** Asks now what a page will want in a moment. What fails is asked again, and told, by the page. */
export function soon<T, E, D, K extends QueryKey>(asked: FetchQueryOptions<T, E, D, K>): void {
  void client.prefetchQuery(asked);
}

/** The same for what comes page by page. */
export function soonPages<T, E, D, K extends QueryKey, P>(asked: FetchInfiniteQueryOptions<T, E, D, K, P>): void {
  void client.prefetchInfiniteQuery(asked);
}
