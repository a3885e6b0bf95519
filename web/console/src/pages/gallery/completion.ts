/** What a template's code may say: names of its form, filters, tags, markup that the tag obeys, tokens of the theme. */

import type { Completion, CompletionContext, CompletionSource } from "@codemirror/autocomplete";
import type { Schemas } from "@/api/client";

type Question = Schemas["Form"]["questions"][number];
type Liquid = Schemas["Liquid"];

export const PARTS = ["body.liquid", "style.css", "script.js", "template.yaml"] as const;
export type Part = (typeof PARTS)[number];

const ATTRIBUTES: readonly (readonly [name: string, hint: string, bare?: boolean])[] = [
  ["data-omotenashi-click", "NAME"],
  ["data-omotenashi-close", "", true],
  ["data-omotenashi-state", "NAME"],
  ["data-omotenashi-go", "NAME"],
  ["data-omotenashi-track", "EVENT"],
  ["data-omotenashi-values", "{}"],
  ["data-omotenashi-attribute", "", true],
  ["data-omotenashi-grant", "PURPOSE"],
  ["data-omotenashi-deny", "PURPOSE"],
  ["data-omotenashi-answer", "", true],
  ["data-omotenashi-number", "", true],
  ["data-omotenashi-then", "close"],
  ["data-omotenashi-set", "NAME"],
  ["data-omotenashi-title", "", true],
];
const CLASSES = "card bar words eyebrow body small button secondary plain actions close picture field choice icon aloud".split(
  " ",
);
const TOKENS = "--accent --on-accent --paper --ink --muted --line --radius --font --shadow".split(" ");
const WIDGET = [
  ...["show()", "hide()", "close()", "setState(name)", "set(name, text)", "track(name, values)", "attribute(values)"],
  ...["consent(purpose, state)", "answer(answers)", "click(name)", "on(name, listener)", "storage.get(key)"],
  ...["storage.set(key, value)", "state", "root", "element", "signal", "language", "campaign", "action", "reservation"],
];
const TYPES = "text html url image color number flag choice selector time phone list purpose name action code".split(" ");
const KEYS = [
  ...["kind", "intent", "label", "description", "display", "variables", "type", "default", "example", "help", "required"],
  ...["min", "max", "max_length", "choices", "fields", "min_items", "max_items"],
];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  type: TYPES,
  kind: ["modal", "notification", "bar", "embed", "script"],
  intent: ["show", "ask", "consent", "script"],
  required: ["true", "false"],
};
const ENDS: ReadonlySet<string> = new Set(["if", "unless", "for", "case", "capture", "comment", "raw"]);

/** The source for one part; what the form asks for and what Liquid knows may still be on their way. */
export function completionOf(part: Part, questions: readonly Question[], liquid: Liquid | undefined): CompletionSource {
  const names: Completion[] = [
    ...questions.map((one) => ({ label: one.name, detail: one.type, type: "variable", boost: 2 })),
    { label: "language", detail: "ja, en", type: "variable" },
  ];
  const filters = (liquid?.filters ?? []).map((label) => ({ label, type: "function" }));
  const tags = (liquid?.tags ?? []).flatMap((label) => [
    { label, type: "keyword" },
    ...(ENDS.has(label) ? [{ label: `end${label}`, type: "keyword" }] : []),
  ]);
  return (context) => {
    const inside = context.matchBefore(/(\{\{|\{%)[^}%]*$/);
    if (inside) {
      const filter = context.matchBefore(/\|\s*\w*$/);
      if (filter) return from(context, /\w*$/, filters);
      if (/^\{%-?\s*\w*$/.test(inside.text)) return from(context, /\w*$/, tags);
      return from(context, /[\w.]*$/, names);
    }
    switch (part) {
      case "body.liquid":
        if (context.matchBefore(/\sclass="[^"]*$/)) return from(context, /[\w-]*$/, plain(CLASSES, "class"));
        if (context.matchBefore(/<[^<>]*\sdata-[\w-]*$/)) return from(context, /data-[\w-]*$/, attributes());
        return null;
      case "style.css":
        if (context.matchBefore(/--[\w-]*$/)) return from(context, /--[\w-]*$/, plain(TOKENS, "variable"));
        if (context.matchBefore(/\.[\w-]*$/)) return from(context, /[\w-]*$/, plain(CLASSES, "class"));
        return null;
      case "script.js":
        return context.matchBefore(/\bwidget\.[\w.]*$/) ? from(context, /(?<=widget\.)[\w.]*$/, plain(WIDGET, "method")) : null;
      default: {
        const key = context.matchBefore(/(\w+):\s*\w*$/)?.text.split(":")[0] ?? "";
        if (VALUES[key]) return from(context, /\w*$/, plain(VALUES[key], "enum"));
        return context.matchBefore(/(^|[{,])\s*\w+$/)
          ? from(
              context,
              /\w*$/,
              KEYS.map((label) => ({ label, apply: `${label}: `, type: "property" })),
            )
          : null;
      }
    }
  };
}

function from(context: CompletionContext, word: RegExp, options: readonly Completion[]) {
  const found = context.matchBefore(word);
  return { from: found?.from ?? context.pos, options: [...options], validFor: /^[\w.-]*$/ };
}

const plain = (labels: readonly string[], type: string): Completion[] => labels.map((label) => ({ label, type }));

const attributes = (): Completion[] =>
  ATTRIBUTES.map(([label, hint, bare]) => ({
    label,
    detail: hint,
    type: "property",
    apply: bare ? label : `${label}="${hint}"`,
  }));
