/** A colour, written or picked. */

import { ColorInput } from "@mantine/core";
import { useWords } from "@/words/words";
import { words } from "../words";
import type { InputProps } from "./Field";

export default function ColourInput({ question, value, onChange, id, described }: InputProps) {
  const say = useWords(words).form;
  return (
    <ColorInput
      id={id}
      aria-describedby={described}
      value={String(value ?? question.default ?? "")}
      onChange={onChange}
      fixOnBlur={false}
      eyeDropperButtonProps={{ "aria-label": say.dropper }}
      placeholder={say.theme}
      popoverProps={{ shadow: "none", withinPortal: true }}
      swatches={["#27406b", "#d2482a", "#5e7f3f", "#c98a12", "#7c6ba8", "#1f1e1b", "#ffffff"]}
      style={{ maxWidth: 240 }}
    />
  );
}
