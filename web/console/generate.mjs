// The types of the staff API, from its own description: nothing here is written twice, and nothing generated is committed.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapi, { astToString } from "openapi-typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = fileURLToPath(new URL("src/api", import.meta.url));
const python = process.env.OMOTENASHI_PYTHON ?? `${root}.venv/bin/python`;
const described = execFileSync(python, ["-m", "omotenashi.console.openapi"], {
  cwd: root,
  maxBuffer: 1 << 26,
  stdio: ["ignore", "pipe", "inherit"],
}).toString();

let before = "";
try {
  before = readFileSync(`${target}/openapi.json`, "utf8");
} catch {}
if (before !== described) {
  mkdirSync(target, { recursive: true });
  writeFileSync(`${target}/schema.d.ts`, astToString(await openapi(described, { defaultNonNullable: false })));
  writeFileSync(`${target}/openapi.json`, described);
}
