/** How a family of pages names its addresses. */

import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { ComponentType } from "react";

export interface Family {
  /** Pages for people who are signed in. */
  inside?: (parent: AnyRoute) => AnyRoute[];
  /** Pages without the menu: the door. */
  outside?: (parent: AnyRoute) => AnyRoute[];
}

/** One page: its path and where its default export is. */
export function page(parent: AnyRoute, path: string, load: () => Promise<{ default: ComponentType }>): AnyRoute {
  return createRoute({ getParentRoute: () => parent, path, component: lazyRouteComponent(load) }) as unknown as AnyRoute;
}
