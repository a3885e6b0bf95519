import { type Family, page } from "../page";

export const account: Family = { inside: (parent) => [page(parent, "/account", () => import("./Account"))] };
