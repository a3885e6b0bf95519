import { type Family, page } from "../page";

export const campaigns: Family = {
  inside: (parent) => [
    page(parent, "/p/$project/campaigns", () => import("./Campaigns")),
    page(parent, "/p/$project/campaigns/new", () => import("./NewCampaign")),
    page(parent, "/p/$project/campaigns/$campaign", () => import("./Campaign")),
  ],
};
