import { type Family, page } from "../page";

export const report: Family = {
  inside: (parent) => [
    page(parent, "/p/$project/campaigns/$campaign/report", () => import("./Report")),
    page(parent, "/p/$project/campaigns/$campaign/people", () => import("./CellPeople")),
  ],
};
