import { type Family, page } from "../page";

export const now: Family = { inside: (parent) => [page(parent, "/p/$project/now", () => import("./Now"))] };
