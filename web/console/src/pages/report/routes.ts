import { report as reportOf } from "@/api/asked";
import { soon } from "@/api/queries";
import { type Family, page } from "../page";

export const report: Family = {
  inside: (parent) => [
    page(
      parent,
      "/p/$project/campaigns/$campaign/report",
      () => import("./Report"),
      ({ project, campaign }, { search }) => {
        if (!search.start && !search.end) soon(reportOf(project, campaign, {}));
      },
    ),
    page(parent, "/p/$project/campaigns/$campaign/people", () => import("./CellPeople")),
  ],
};
