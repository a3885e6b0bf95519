/** What the keyboard does in the player, where it does not already do something else. */

import { type HotkeyItem, useHotkeys } from "@mantine/hooks";

/** Space and Enter press what has the focus, arrows move along what can be moved along. */
const PRESSED = "button, a[href], summary, [role='menu'], [role='dialog'], [role='combobox']";

/** Each key, as Mantine writes it, and what it does. */
export function useShortcuts(shortcuts: Readonly<Record<string, () => void>>): void {
  useHotkeys(
    Object.entries(shortcuts).map(
      ([key, act]): HotkeyItem => [
        key,
        (event) => {
          if (key === "space" && (event.target as Element).closest(PRESSED)) return;
          if (document.querySelector("[role='dialog']")) return;
          event.preventDefault();
          act();
        },
        { preventDefault: false },
      ],
    ),
  );
}
