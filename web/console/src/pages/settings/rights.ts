/** The roles and the rights beside them, in the order in which they are shown. */

export const ROLES = ["admin", "editor", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export const EXTRAS = ["people", "recordings", "sql"] as const;
export type Extra = (typeof EXTRAS)[number];

export const RIGHTS = ["read", "edit", "admin", "people", "recordings", "sql"] as const;
export type Right = (typeof RIGHTS)[number];
