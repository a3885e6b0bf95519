// Bundles the tag into classic scripts, and says how large each is on the wire.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

// Each file's source and how many bytes it may have, gzipped. `tag` is what every page loads, or `karte` in its place; the
// others come when needed, and `preview` only on the console's own page.
const FILES = [
  { name: "tag", source: "src/index.ts", limit: 12 * 1024 },
  { name: "tools", source: "src/tools.ts", limit: 2 * 1024 },
  { name: "verbs", source: "src/verbs.ts", limit: 8 * 1024 },
  { name: "guard", source: "src/lookout.ts", limit: 4 * 1024 },
  { name: "panel", source: "src/panel.ts", limit: 8 * 1024 },
  { name: "fitting", source: "src/fitting.ts", limit: 9 * 1024 },
  { name: "calls", source: "src/calls.ts", limit: 2 * 1024 },
  { name: "friction", source: "src/friction.ts", limit: 4 * 1024 },
  { name: "recorder", source: "src/recorder.ts", limit: 4 * 1024 },
  { name: "rrweb", source: "src/rrweb.ts", limit: 30 * 1024 },
  { name: "karte", source: "src/karte.ts", limit: 14 * 1024 },
  { name: "preview", source: "src/preview.ts", limit: 9 * 1024 },
];

// Names that are said inside one file only, so that they may be short. None is kept in storage, sent, or read by another file.
const INSIDE = `askAgain turnPage reportTime watchRoutes reportedMs atVisibleMs visibleSince visibilityChanged relabel settle inherit
  notBefore promises flying singly failures attention returnedAt activeAt linkAt resized observer listening giveBack giveWay hideLater
  lookAround lookWhenIdle scriptRan comeBack envelope answered following outlive instance prune touch`.split(/\s+/);

// Whose work is in a file besides ours.
const THEIRS = { rrweb: " With rrweb: MIT, (c) the contributors of https://www.rrweb.io" };

let fits = true;
for (const { name, source, limit } of FILES) {
  await build({
    entryPoints: [source],
    outfile: `dist/${name}.js`,
    bundle: true,
    format: "iife",
    // what a file exports is found by those who asked for it (src/chunk.ts)
    ...(["tag", "karte", "preview"].includes(name) ? {} : { globalName: `omotenashi.parts.${name}` }),
    target: "es2020",
    minify: true,
    ...(["tag", "karte"].includes(name) ? { mangleProps: new RegExp(`^(${INSIDE.join("|")})$`) } : {}),
    sourcemap: "external", // no edge serves it
    legalComments: "none",
    // what every page loads is compiled as a whole while it arrives, beside the main thread and not bit by bit on it
    banner: { js: `${["tag", "karte"].includes(name) ? "//# allFunctionsCalledOnLoad\n" : ""}/* Omotenashi ${name}. Apache-2.0.${THEIRS[name] ?? ""} */` },
  });
  const size = gzipSync(await readFile(`dist/${name}.js`), { level: 9 }).length;
  fits &&= size <= limit;
  console.log(`dist/${name}.js: ${size} bytes gzipped (limit ${limit})`);
}
// The npm package: what a site's own bundle takes in; it loads the tag itself.
await build({ entryPoints: ["src/package.ts"], outfile: "dist/package.js", bundle: true, format: "esm", target: "es2020" });
if (!fits) process.exit(1);
