import { type Family, page } from "../page";

export const home: Family = { inside: (parent) => [page(parent, "/p/$project", () => import("./Home"))] };
