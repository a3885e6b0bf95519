/** Who is signed in, and what they may do. */

import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useEffect, useRef } from "react";
import { ApiError, api, ask, keepCsrf, type Schemas } from "@/api/client";
import { client } from "@/api/queries";
import { Failure } from "@/parts/states";
import { useAccountPreferences } from "./preferences";

export type Me = Schemas["Me"];
export type MyProject = Me["projects"][number];
export type Right = "read" | "edit" | "admin" | "people" | "recordings" | "sql";

const SessionContext = createContext<Me | null>(null);

export const ME = ["me"] as const;

const asked = queryOptions({
  queryKey: ME,
  queryFn: async () => {
    const found = await ask(api.GET("/api/me"));
    keepCsrf(found.csrf);
    return found;
  },
  staleTime: 60_000,
  retry: false,
});

/** Asks who is signed in while the page's own code is still on its way; `then`, when somebody is, what is asked with a POST. */
export async function askEarly(then?: () => void): Promise<void> {
  await client.prefetchQuery(asked);
  if (client.getQueryData(asked.queryKey)) then?.();
}

/** What is inside is for people who are signed in; others are led to the door and back. */
export function Session({ children }: { children: ReactNode }) {
  const query = useQuery(asked);
  useAccountPreferences(query.data?.kind === "member" ? query.data : undefined);
  if (query.error instanceof ApiError && query.error.status === 401) return <ToTheDoor />;
  if (query.data) return <SessionContext.Provider value={query.data}>{children}</SessionContext.Provider>;
  return query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : null;
}

/** Leads to the sign-in page, once: the address changes on the way, and is not to be led anywhere again. */
function ToTheDoor() {
  const router = useRouter();
  const led = useRef(false);
  useEffect(() => {
    if (led.current) return;
    led.current = true;
    void router.navigate({ to: "/sign-in", search: { next: router.state.location.href }, replace: true });
  }, [router]);
  return null;
}

export function useMe(): Me {
  const found = useContext(SessionContext);
  if (!found) throw new Error("useMe() is for pages inside the session");
  return found;
}

/** Asks again who is signed in: after a change of name, language or rights. */
export function useRefreshMe(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ME });
}

/** The project of the address. A project that is not theirs is as unknown as one that does not exist. */
export function useProject(): MyProject {
  const { project } = useParams({ strict: false }) as { project?: string };
  const found = useMe().projects.find((one) => one.id === project);
  if (!found) throw new ApiError(404, "not_found", "", "project");
  return found;
}

/** Whether they may, in this project. */
export function useMay(right: Right): boolean {
  return (useProject().rights as readonly string[]).includes(right);
}

/** Whether they may begin a project: administrators of all of them. */
export function mayBegin(me: Me): boolean {
  return (me.everywhere as readonly string[]).includes("admin");
}
