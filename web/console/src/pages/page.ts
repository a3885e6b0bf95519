/** How a family of pages names its addresses. */

import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { ComponentType } from "react";

export interface Family {
  /** Pages for people who are signed in. */
  inside?: (parent: AnyRoute) => AnyRoute[];
  /** Pages without the menu: the door. */
  outside?: (parent: AnyRoute) => AnyRoute[];
}

/** What `$` stands before in a path. */
type Named<P extends string> = P extends `${string}$${infer Name}/${infer Rest}`
  ? Name | Named<`/${Rest}`>
  : P extends `${string}$${infer Name}`
    ? Name
    : never;

/** How an address is opened; `hovered`: perhaps it only will be. */
export interface Opening {
  search: Record<string, unknown>;
  hovered: boolean;
}

/** One page: its path, where its default export is, and what may be asked while that is still on its way. */
export function page<P extends string>(
  parent: AnyRoute,
  path: P,
  load: () => Promise<{ default: ComponentType }>,
  early?: (params: Record<Named<P>, string>, opening: Opening) => void,
): AnyRoute {
  return createRoute({
    getParentRoute: () => parent,
    path: path as string,
    component: lazyRouteComponent(load),
    loader: ({ params, location, preload }) =>
      early?.(params as never, { search: location.search as Record<string, unknown>, hovered: preload }),
  }) as unknown as AnyRoute;
}
