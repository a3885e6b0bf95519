import { names, peopleFound, portrait, story } from "@/api/asked";
import { soon, soonPages } from "@/api/queries";
import { askEarly } from "@/shell/session";
import { type Family, page } from "../page";

export const people: Family = {
  inside: (parent) => [
    page(
      parent,
      "/p/$project/people",
      () => import("./People"),
      ({ project }, { search, hovered }) => {
        const isAsked = !search.rule && !search.text;
        if (isAsked && !hovered) void askEarly(() => soonPages(peopleFound(project)));
      },
    ),
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
