import { type Family, page } from "../page";

export const segments: Family = {
  inside: (parent) => [
    page(parent, "/p/$project/segments", () => import("./Segments")),
    page(parent, "/p/$project/segments/$segment", () => import("./Segment")),
    page(parent, "/p/$project/derived-events", () => import("./DerivedEvents")),
    page(parent, "/p/$project/derived-events/$event", () => import("./DerivedEvent")),
    page(parent, "/p/$project/tables", () => import("./Tables")),
    page(parent, "/p/$project/tables/$table", () => import("./Table")),
  ],
};
