/** One variable of a template, by its type. What is not filled in shows the template's own value. */

import { usePick } from "@/words/words";
import { type Question, useAround } from "../TemplateForm";
import { ActionField } from "./ActionField";
import { ListField } from "./ListField";
import { ChoiceField, ColourField, FlagField, PictureField, PlainField, PurposeField, TimeField } from "./plain";
import { Row } from "./Row";
import { isLiquid, TextField } from "./TextField";

export interface FieldProps {
  question: Question;
  /** Where it stands in the texts, such as `items[0].url`. */
  place: string;
  /** What is filled in; undefined for the template's own. */
  value: unknown;
  /** Undefined takes it out again. */
  onChange: (filled: unknown) => void;
}

export function Field(props: FieldProps) {
  const { question, place, value } = props;
  const pick = usePick();
  const problems = useAround().problems.get(place) ?? [];
  if (question.type === "list") return <ListField {...props} problems={problems} />;
  if (question.type === "action") return <ActionField {...props} />;
  const Input = inputFor(question, value ?? question.default);
  return (
    <Row
      label={pick(both(question.label, question.name))}
      help={question.help ? pick(both(question.help, "")) : ""}
      problems={problems}
      required={question.must_be_filled}
      changed={value !== undefined && question.default !== undefined && question.default !== null}
      onReset={() => props.onChange(undefined)}
    >
      {(id, described) => <Input {...props} id={id} described={described} label={pick(both(question.label, question.name))} />}
    </Row>
  );
}

export function both(words: { [language: string]: string } | null | undefined, otherwise: string): { ja: string; en: string } {
  return { ja: words?.ja ?? otherwise, en: words?.en ?? otherwise };
}

export interface InputProps extends FieldProps {
  id: string;
  /** The ids of help and problems. */
  described: string | undefined;
  label: string;
}

/** A value made of variables is written as a text, whatever its type. */
function inputFor(question: Question, value: unknown) {
  if (isLiquid(value) && ["flag", "choice", "color", "time", "purpose"].includes(question.type)) return PlainField;
  switch (question.type) {
    case "text":
    case "html":
      return TextField;
    case "flag":
      return FlagField;
    case "choice":
      return ChoiceField;
    case "color":
      return ColourField;
    case "image":
      return PictureField;
    case "time":
      return TimeField;
    case "purpose":
      return PurposeField;
    default:
      return PlainField;
  }
}
