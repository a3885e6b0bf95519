import { type Family, page } from "../page";

export const theme: Family = { inside: (parent) => [page(parent, "/p/$project/settings/theme", () => import("./Theme"))] };
