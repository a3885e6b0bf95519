import { type Family, page } from "../page";

export const assets: Family = { inside: (parent) => [page(parent, "/p/$project/assets", () => import("./Pictures"))] };
