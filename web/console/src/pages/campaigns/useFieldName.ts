import { useWords } from "@/words/words";
import { words } from "./words";

/** What a place of a campaign's file is called on the screen: "Messages: reminder › Texts: title". */
export function useFieldName(): (path: string) => string {
  const { fields } = useWords(words);
  const known = fields as Readonly<Record<string, string>>;
  return (path) =>
    path
      .replace(/\[([^\]]*)\]/g, ".$1")
      .split(".")
      .filter(Boolean)
      .map((part) => known[part] ?? part)
      .join(" › ") || path;
}
