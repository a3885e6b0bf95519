import { documents, templates } from "@/api/asked";
import { soon } from "@/api/queries";
import { type Family, page } from "../page";

export const gallery: Family = {
  inside: (parent) => [
    page(
      parent,
      "/p/$project/gallery",
      () => import("./Templates"),
      ({ project }) => {
        soon(templates(project));
        soon(documents(project, "templates"));
      },
    ),
    page(parent, "/p/$project/gallery/$template", () => import("./Code")),
  ],
};
