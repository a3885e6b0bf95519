import { campaigns as campaignsOf, document, templates } from "@/api/asked";
import { soon } from "@/api/queries";
import { type Family, page } from "../page";

export const campaigns: Family = {
  inside: (parent) => [
    page(
      parent,
      "/p/$project/campaigns",
      () => import("./Campaigns"),
      ({ project }) => soon(campaignsOf(project)),
    ),
    page(parent, "/p/$project/campaigns/new", () => import("./NewCampaign")),
    page(
      parent,
      "/p/$project/campaigns/$campaign",
      () => import("./Campaign"),
      ({ project, campaign }, { search }) => {
        if (!search.step || search.step === "message") void import("./MessageStep");
        soon(document(project, "campaigns", campaign));
        soon(campaignsOf(project));
        soon(templates(project));
      },
    ),
  ],
};
