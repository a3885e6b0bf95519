/** Language and appearance: what the member chose, else what this browser chose, else what it speaks. */

import { localStorageColorSchemeManager, MantineProvider, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { askIn } from "@/api/client";
import { theme } from "@/theme/theme";
import { type Language, LanguageContext } from "@/words/words";

const KEY = "omotenashi-language";

const LOOK_KEY = "omotenashi-appearance";

function begin(): Language {
  const kept = localStorage.getItem(KEY);
  const language = kept === "ja" || kept === "en" ? kept : navigator.language.startsWith("ja") ? "ja" : "en";
  askIn(language);
  return language;
}

const look = localStorageColorSchemeManager({ key: LOOK_KEY });

const nonce = () => document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

// what locks the page's scrolling behind a dialog writes a style element, and looks here for the nonce it needs
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce();

export function Preferences({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(begin);
  const client = useQueryClient();
  const change = useCallback(
    (to: Language) => {
      localStorage.setItem(KEY, to);
      askIn(to);
      setLanguage(to);
      void client.invalidateQueries(); // what was wrong was told in the other language
    },
    [client],
  );
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const chosen = useMemo(() => ({ language, change }), [language, change]);
  return (
    <LanguageContext.Provider value={chosen}>
      <MantineProvider theme={theme} colorSchemeManager={look} defaultColorScheme="auto" getStyleNonce={nonce}>
        {children}
      </MantineProvider>
    </LanguageContext.Provider>
  );
}

export type Appearance = "light" | "dark" | "auto";

export function useAppearance(): { appearance: Appearance; change: (to: Appearance) => void } {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return { appearance: colorScheme, change: setColorScheme };
}

/** What an account chose holds in a browser where nothing else was chosen. */
export function useAccountPreferences(account: { language: Language; theme: Appearance } | undefined): void {
  const { change } = useContext(LanguageContext);
  const { setColorScheme } = useMantineColorScheme();
  const { language, theme: wanted } = account ?? {};
  useEffect(() => {
    if (language && localStorage.getItem(KEY) === null) change(language);
    if (wanted && localStorage.getItem(LOOK_KEY) === null) setColorScheme(wanted);
  }, [language, wanted, change, setColorScheme]);
}
