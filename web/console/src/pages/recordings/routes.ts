import { viewing } from "@/api/asked";
import { soon } from "@/api/queries";
import { askEarly } from "@/shell/session";
import { type Family, page } from "../page";

export const recordings: Family = {
  inside: (parent) => [
    page(parent, "/p/$project/live", () => import("./Live")),
    page(parent, "/p/$project/recordings", () => import("./Recordings")),
    page(parent, "/p/$project/recordings/compare", () => import("./Compare")),
    page(parent, "/p/$project/heatmaps", () => import("./Heatmaps")),
    page(
      parent,
      "/p/$project/recordings/$recording",
      () => import("./Recording"),
      ({ project, recording }, { hovered }) => {
        if (!hovered) void askEarly(() => soon(viewing(project, recording)));
      },
    ),
  ],
};
