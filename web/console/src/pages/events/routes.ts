import { catalogue } from "@/api/asked";
import { soon } from "@/api/queries";
import { type Family, page } from "../page";

export const events: Family = {
  inside: (parent) => [
    page(
      parent,
      "/p/$project/events",
      () => import("./Events"),
      ({ project }) => soon(catalogue(project)),
    ),
    page(parent, "/p/$project/events/$event", () => import("./Event")),
  ],
};
