import { type Family, page } from "../page";

export const people: Family = {
  inside: (parent) => [
    page(parent, "/p/$project/people", () => import("./People")),
    page(parent, "/p/$project/people/$name", () => import("../story/Story")),
  ],
};
