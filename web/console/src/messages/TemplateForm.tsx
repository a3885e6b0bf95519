/** What a template asks for, as a form: made from its description, every type of variable, problems under their field. */

import { SegmentedControl } from "@mantine/core";
import { createContext, useContext, useMemo, useState } from "react";
import type { Problem, Schemas } from "@/api/client";
import { useLanguage, useWords } from "@/words/words";
import { Field } from "./fields/Field";
import { byPlace } from "./problems";
import styles from "./TemplateForm.module.css";
import { words } from "./words";

export type Form = Schemas["Form"];
export type Question = Form["questions"][number];
export type Texts = Record<string, unknown>;

/** Which languages are written: one at a time, or both beside each other. */
export type Writing = "ja" | "en" | "both";

interface Around {
  writing: Writing;
  problems: ReadonlyMap<string, string[]>;
  /** Names that a text may put between {{ }}. */
  variables: readonly string[];
  /** What the variables hold for somebody, by name. */
  examples: Readonly<Record<string, unknown>>;
  /** Variables that hold rows of a table. */
  rows: readonly string[];
  purposes: readonly string[];
  states: readonly string[];
}

const AroundContext = createContext<Around>({
  writing: "both",
  problems: new Map(),
  variables: [],
  examples: {},
  rows: [],
  purposes: [],
  states: [],
});

export const useAround = () => useContext(AroundContext);

interface Props {
  form: Form;
  /** What is filled in, by variable; what is left out is the template's own. */
  value: Texts;
  onChange: (texts: Texts) => void;
  /** As the server says them: of an action, a campaign or a draft; those that are not about a text are left out. */
  problems?: readonly Problem[];
  variables?: readonly string[];
  /** What they hold for somebody, to be seen while one is chosen. */
  examples?: Readonly<Record<string, unknown>>;
  rows?: readonly string[];
  /** The purposes of consent that the project has. */
  purposes?: readonly string[];
  /** The screens that a button may lead to. */
  states?: readonly string[];
  /** Told when another language is written, so that the preview can follow. */
  onWriting?: (writing: Writing) => void;
}

const NONE: readonly never[] = [];
const NO_EXAMPLES: Readonly<Record<string, unknown>> = {};

export function TemplateForm({
  form,
  value,
  onChange,
  problems = NONE,
  variables = NONE,
  examples = NO_EXAMPLES,
  rows = NONE,
  purposes = NONE,
  states = NONE,
  onWriting,
}: Props) {
  const say = useWords(words).form;
  const language = useLanguage();
  const [writing, setWriting] = useState<Writing>(language);
  const around = useMemo(
    () => ({ writing, problems: byPlace(problems), variables, examples, rows, purposes, states }),
    [writing, problems, variables, examples, rows, purposes, states],
  );
  const write = (to: Writing) => {
    setWriting(to);
    onWriting?.(to);
  };
  const change = (name: string, filled: unknown) => {
    const { [name]: _, ...rest } = value;
    onChange(filled === undefined ? rest : { ...value, [name]: filled });
  };
  if (form.questions.length === 0) return <p className="muted">{say.empty}</p>;
  return (
    <AroundContext.Provider value={around}>
      <div className={styles.form}>
        {form.questions.some(bilingual) && (
          <SegmentedControl
            size="xs"
            className={styles.writing}
            aria-label={say.language}
            value={writing}
            onChange={(to) => write(to as Writing)}
            data={[
              { value: "ja", label: say.ja },
              { value: "en", label: say.en },
              { value: "both", label: say.both },
            ]}
          />
        )}
        {form.questions.map((question) => (
          <Field
            key={question.name}
            question={question}
            place={question.name}
            value={value[question.name]}
            onChange={(filled) => change(question.name, filled)}
          />
        ))}
      </div>
    </AroundContext.Provider>
  );
}

/** Whether anything in it is written for people, who read two languages. */
function bilingual(question: Question): boolean {
  return question.type === "text" || question.type === "html" || (question.fields ?? []).some(bilingual);
}
