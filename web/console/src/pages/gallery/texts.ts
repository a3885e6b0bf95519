/** What a template gives as examples, its pictures found in the console. */

import type { Form, Texts } from "@/messages/TemplateForm";

export function beginning(form: Form): Texts {
  const given = form.questions.filter((question) => question.example !== undefined && question.example !== null);
  return Object.fromEntries(given.map((question) => [question.name, drawn(question.example)]));
}

function drawn(example: unknown): unknown {
  if (typeof example === "string") return example.replace(/^\/art\//, "/preview/art/");
  if (Array.isArray(example)) return example.map(drawn);
  if (typeof example === "object" && example !== null)
    return Object.fromEntries(Object.entries(example).map(([name, value]) => [name, drawn(value)]));
  return example;
}
