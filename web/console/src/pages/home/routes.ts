import { home as homeOf } from "@/api/asked";
import { soon } from "@/api/queries";
import { type Family, page } from "../page";

export const home: Family = {
  inside: (parent) => [
    page(
      parent,
      "/p/$project",
      () => import("./Home"),
      ({ project }) => soon(homeOf(project)),
    ),
  ],
};
