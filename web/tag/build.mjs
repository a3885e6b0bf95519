// Bundles the tag into one classic script, dist/tag.js, and says how large it is on the wire.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const LIMIT = 12 * 1024;

await build({
  entryPoints: ["src/index.ts"],
  outfile: "dist/tag.js",
  bundle: true,
  format: "iife",
  target: "es2018",
  minify: true,
  sourcemap: "linked",
  legalComments: "none",
  banner: { js: "/* Omotenashi tag. Apache-2.0. */" },
});

const size = gzipSync(await readFile("dist/tag.js"), { level: 9 }).length;
console.log(`dist/tag.js: ${size} bytes gzipped (limit ${LIMIT})`);
if (size > LIMIT) process.exit(1);
