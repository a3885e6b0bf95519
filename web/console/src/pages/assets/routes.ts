import { pictures } from "@/api/asked";
import { soon } from "@/api/queries";
import { type Family, page } from "../page";

export const assets: Family = {
  inside: (parent) => [
    page(
      parent,
      "/p/$project/assets",
      () => import("./Pictures"),
      ({ project }) => soon(pictures(project)),
    ),
  ],
};
