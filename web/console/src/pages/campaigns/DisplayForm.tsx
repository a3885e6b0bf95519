/** How and when the page shows it; what is left out is as the template has it. */

import { Checkbox, NumberInput, Select, TextInput } from "@mantine/core";
import { useWords } from "@/words/words";
import { put, share } from "./campaign";
import styles from "./campaigns.module.css";
import { words } from "./words";

type Display = Record<string, unknown>;
const PLACES = ["before", "after", "replace", "prepend", "append"] as const;
const GUARDS = ["report", "move", "hide"] as const;
const POSITIONS: Record<string, readonly Position[]> = {
  notification: ["top-left", "top", "top-right", "left", "right", "bottom-left", "bottom", "bottom-right"],
  modal: ["center", "top", "bottom"],
  bar: ["top", "bottom"],
};
type Position = "top-left" | "top" | "top-right" | "left" | "center" | "right" | "bottom-left" | "bottom" | "bottom-right";

export default function DisplayForm({
  kind,
  usual,
  display,
  may,
  onChange,
}: {
  kind: string;
  usual: Display;
  display: Display;
  may: boolean;
  onChange: (next: Display) => void;
}) {
  const say = useWords(words).message;
  const set = (key: string, value: unknown) => onChange(put(display, key, value));
  const text = (key: string) => String(display[key] ?? "");
  const embed = (display.embed ?? usual.embed) as { selector?: string; place?: string } | undefined;
  const positions = POSITIONS[kind];
  return (
    <div className={styles.limits}>
      {positions && (
        <Select
          label={say.position}
          placeholder={say.byTemplate}
          data={positions.map((one) => ({ value: one, label: say.positions[one] }))}
          value={(display.position as string) ?? null}
          disabled={!may}
          clearable
          onChange={(to) => set("position", to ?? undefined)}
        />
      )}
      {kind === "embed" && (
        <>
          <TextInput
            label={say.selector}
            value={embed?.selector ?? ""}
            disabled={!may}
            onChange={(event) => set("embed", { place: "after", ...embed, selector: event.currentTarget.value })}
          />
          <Select
            label={say.place}
            data={PLACES.map((one) => ({ value: one, label: say.places[one] }))}
            value={embed?.place ?? "after"}
            allowDeselect={false}
            disabled={!may}
            onChange={(to) => set("embed", { selector: "", ...embed, place: to })}
          />
        </>
      )}
      <TextInput
        label={say.delay}
        description={say.delayHelp}
        placeholder={text("delay") || String(usual.delay ?? "") || say.byTemplate}
        value={text("delay")}
        disabled={!may}
        onChange={(event) => set("delay", event.currentTarget.value || undefined)}
      />
      <NumberInput
        label={say.scroll}
        description={say.scrollHelp}
        suffix=" %"
        min={0}
        max={100}
        placeholder={say.byTemplate}
        value={share(display.scroll as string | number | undefined) ?? ""}
        disabled={!may}
        onChange={(to) => set("scroll", typeof to === "number" ? `${to}%` : undefined)}
      />
      <TextInput
        label={say.hideAfter}
        placeholder={say.byTemplate}
        value={text("hide_after")}
        disabled={!may}
        onChange={(event) => set("hide_after", event.currentTarget.value || undefined)}
      />
      <Select
        label={say.guard}
        placeholder={say.byTemplate}
        data={GUARDS.map((one) => ({ value: one, label: say.guards[one] }))}
        value={(display.guard as string) ?? null}
        disabled={!may}
        clearable
        onChange={(to) => set("guard", to ?? undefined)}
      />
      {kind !== "embed" && (
        <Checkbox
          label={say.exit}
          checked={display.exit === true}
          disabled={!may}
          onChange={(event) => set("exit", event.currentTarget.checked || undefined)}
        />
      )}
    </div>
  );
}
