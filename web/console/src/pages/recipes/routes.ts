import { recipes as recipesOf } from "@/api/asked";
import { soon } from "@/api/queries";
import { type Family, page } from "../page";

export const recipes: Family = {
  inside: (parent) => [
    page(
      parent,
      "/p/$project/recipes",
      () => import("./Recipes"),
      () => soon(recipesOf()),
    ),
    page(parent, "/p/$project/recipes/$recipe", () => import("./Recipe")),
  ],
};
