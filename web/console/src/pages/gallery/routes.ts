import { type Family, page } from "../page";

export const gallery: Family = {
  inside: (parent) => [
    page(parent, "/p/$project/gallery", () => import("./Templates")),
    page(parent, "/p/$project/gallery/$template", () => import("./Code")),
  ],
};
