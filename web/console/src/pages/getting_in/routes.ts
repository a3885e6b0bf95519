import { type Family, page } from "../page";

export const gettingIn: Family = {
  outside: (parent) => [
    page(parent, "/setup", () => import("./SetUp")),
    page(parent, "/sign-in", () => import("./SignIn")),
    page(parent, "/invitation", () => import("./Invitation")),
  ],
};
