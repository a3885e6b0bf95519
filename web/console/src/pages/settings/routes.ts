import { connection, document } from "@/api/asked";
import { soon } from "@/api/queries";
import { type Family, page } from "../page";

const at = "/p/$project/settings";

export const settings: Family = {
  inside: (parent) => [
    page(parent, at, () => import("./First")),
    page(
      parent,
      `${at}/site`,
      () => import("./Site"),
      ({ project }) => {
        soon(connection(project));
        soon(document(project, "project", project));
      },
    ),
    page(parent, `${at}/keys`, () => import("./Keys")),
    page(parent, `${at}/members`, () => import("./Members")),
    page(parent, `${at}/tokens`, () => import("./Tokens")),
    page(parent, `${at}/rules`, () => import("./Rules")),
    page(parent, `${at}/purposes`, () => import("./Purposes")),
    page(parent, `${at}/recording`, () => import("./Recording")),
    page(parent, `${at}/retention`, () => import("./Retention")),
    page(parent, `${at}/audit`, () => import("./Audit")),
  ],
};
