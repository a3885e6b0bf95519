/** The styles in `theme/mantine.css` are those of every component that is used, and in the order in which Mantine has them. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";

const HERE = join(__dirname, "..");
const CORE = join(HERE, "node_modules/@mantine/core");
const COMPONENTS = join(CORE, "esm/components");
const IMPORTED = /import \{([^}]*)\} from "@mantine\/core"/g;

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name));
}

/** What our files, and the palette's, take from Mantine. */
function used(): Set<string> {
  const ours = [...files(join(HERE, "src"), /\.tsx?$/), ...files(join(HERE, "node_modules/@mantine/spotlight/esm"), /\.mjs$/)];
  const found = ours.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(IMPORTED)].flatMap(([, names]) => names?.split(",") ?? []),
  );
  return new Set(
    found.map(
      (name) =>
        name
          .trim()
          .replace(/^type /, "")
          .split(" ")[0] ?? "",
    ),
  );
}

/** The names of the style sheets of a component's module and of all that it is made of. */
function sheets(file: string, seen: Set<string>): string[] {
  if (seen.has(file) || !existsSync(file) || basename(file) === "index.mjs") return [];
  seen.add(file);
  const own = basename(file).match(/^(.+)\.module\.mjs$/)?.[1];
  const below = [...readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => join(dirname(file), path ?? ""));
  return [...(own ? [own] : []), ...below.flatMap((path) => sheets(path, seen))];
}

const listed = [...readFileSync(join(HERE, "src/theme/mantine.css"), "utf8").matchAll(/core\/styles\/(.+)\.css"/g)].map(
  ([, name]) => name ?? "",
);

test("every component that is used has its styles", () => {
  const seen = new Set<string>();
  const modules = new Map(files(COMPONENTS, /\.mjs$/).map((file) => [basename(file, ".mjs"), file]));
  const needed = new Set([...used()].flatMap((name) => sheets(modules.get(name) ?? "", seen)));
  expect(needed.size).toBeGreaterThan(30);
  expect([...needed].filter((name) => existsSync(join(CORE, `styles/${name}.css`)) && !listed.includes(name))).toEqual([]);
});

test("they stand in Mantine's order", () => {
  const bare = (text: string) => text.replace(/\s+/g, "");
  const whole = bare(readFileSync(join(CORE, "styles.css"), "utf8"));
  const places = listed.map((name) => whole.indexOf(bare(readFileSync(join(CORE, `styles/${name}.css`), "utf8")).slice(0, 120)));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual([...places].sort((one, other) => one - other));
});
