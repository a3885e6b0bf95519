import { names, portrait, story } from "@/api/asked";
import { soon, soonPages } from "@/api/queries";
import { type Family, page } from "../page";

export const people: Family = {
  inside: (parent) => [
    page(parent, "/p/$project/people", () => import("./People")),
    page(
      parent,
      "/p/$project/people/$name",
      () => import("../story/Story"),
      ({ project, name }) => {
        soon(portrait(project, name));
        soonPages(story(project, name));
        soon(names(project));
      },
    ),
  ],
};
