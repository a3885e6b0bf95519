import { type Family, page } from "../page";

export const events: Family = {
  inside: (parent) => [
    page(parent, "/p/$project/events", () => import("./Events")),
    page(parent, "/p/$project/events/$event", () => import("./Event")),
  ],
};
