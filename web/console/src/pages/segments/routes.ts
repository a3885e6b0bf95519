import { document, documents, ruleWords, segmentSizes, segments as segmentsOf, tables } from "@/api/asked";
import { soon } from "@/api/queries";
import { type Family, page } from "../page";

export const segments: Family = {
  inside: (parent) => [
    page(
      parent,
      "/p/$project/segments",
      () => import("./Segments"),
      ({ project }) => {
        soon(segmentsOf(project));
        soon(documents(project, "segments"));
        soon(segmentSizes(project));
      },
    ),
    page(
      parent,
      "/p/$project/segments/$segment",
      () => import("./Segment"),
      ({ project, segment }) => {
        if (segment !== "new") soon(document(project, "segments", segment));
        soon(ruleWords(project));
        soon(segmentsOf(project));
      },
    ),
    page(
      parent,
      "/p/$project/derived-events",
      () => import("./DerivedEvents"),
      ({ project }) => {
        soon(documents(project, "events"));
        soon(ruleWords(project));
      },
    ),
    page(
      parent,
      "/p/$project/derived-events/$event",
      () => import("./DerivedEvent"),
      ({ project, event }) => {
        if (event !== "new") soon(document(project, "events", event));
        soon(ruleWords(project));
      },
    ),
    page(
      parent,
      "/p/$project/tables",
      () => import("./Tables"),
      ({ project }) => soon(tables(project)),
    ),
    page(parent, "/p/$project/tables/$table", () => import("./Table")),
  ],
};
