/** Two languages, one shape: a dictionary that lacks a word in one of them does not compile. */

import { createContext, useContext } from "react";

export type Language = "ja" | "en";
type Said = string | ((...values: never[]) => string);
export type Dictionary = { readonly [word: string]: Said | Dictionary };
type Same<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...v: infer V) => string
      ? (...v: V) => string
      : Same<T[K]>;
};
export interface Words<T> {
  readonly ja: T;
  readonly en: T;
}

/** What a page says. Functions are for what depends on values. */
export function defineWords<const T extends Dictionary>(words: { readonly ja: T; readonly en: Same<T> }): Words<Same<T>> {
  return words as unknown as Words<Same<T>>;
}

export const LanguageContext = createContext<{ language: Language; change: (to: Language) => void }>({
  language: "ja",
  change: () => undefined,
});

export function useLanguage(): Language {
  return useContext(LanguageContext).language;
}

/** The words of this page in the reader's language. */
export function useWords<T>(words: Words<T>): T {
  return words[useLanguage()];
}

/** A name in both languages, as the API gives it. */
export function usePick(): (name: { ja: string; en: string }) => string {
  const language = useLanguage();
  return (name) => name[language] || name.ja || name.en;
}
