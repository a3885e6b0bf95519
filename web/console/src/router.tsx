/** Which address is which page. Each folder of pages says its own; a page's code comes when it is first opened. */

import { createRootRoute, createRoute, createRouter, Navigate, Outlet } from "@tanstack/react-router";
import { Broken, Nowhere } from "@/shell/Broken";
import { Shell } from "@/shell/Shell";
import { askEarly, mayBegin, Session, useMe } from "@/shell/session";
import { families } from "./pages/families";

const root = createRootRoute({ component: Outlet, notFoundComponent: Nowhere, errorComponent: Broken });

/** Inside: signed in, with the menu around it. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  loader: () => void askEarly(),
  component: () => (
    <Session>
      <Shell />
    </Session>
  ),
  errorComponent: Broken,
});

const first = createRoute({ getParentRoute: () => inside, path: "/", component: First });

function First() {
  const me = useMe();
  const [project] = me.projects;
  if (project) return <Navigate to={`/p/${project.id}`} replace />;
  return <Navigate to={mayBegin(me) ? "/new-project" : "/account"} replace />;
}

const routeTree = root.addChildren([
  ...families.flatMap((family) => family.outside?.(root) ?? []),
  inside.addChildren([first, ...families.flatMap((family) => family.inside?.(inside) ?? [])]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});
