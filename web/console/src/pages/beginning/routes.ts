import { type Family, page } from "../page";

export const beginning: Family = { inside: (parent) => [page(parent, "/new-project", () => import("./NewProject"))] };
