import { type Family, page } from "../page";

export const recipes: Family = {
  inside: (parent) => [
    page(parent, "/p/$project/recipes", () => import("./Recipes")),
    page(parent, "/p/$project/recipes/$recipe", () => import("./Recipe")),
  ],
};
