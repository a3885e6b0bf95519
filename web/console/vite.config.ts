import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** `npm run dev` speaks to a running console at OMOTENASHI_CONSOLE. */
const console = process.env.OMOTENASHI_CONSOLE ?? "http://127.0.0.1:8702";

/** Icons one by one: the whole set is thousands of modules, and parsing them is most of a build. */
const icons: Plugin = {
  name: "icons-one-by-one",
  apply: "build",
  enforce: "pre",
  transform: (code, id) =>
    id.includes("/src/")
      ? code.replace(/import \{([^}]*)\} from "@tabler\/icons-react";/g, (_, names: string) =>
          names
            .split(",")
            .map((name) => name.trim())
            .filter((name) => name.startsWith("Icon"))
            .map((name) => name.split(" as "))
            .map(([icon, as = icon]) => `import ${as} from "@tabler/icons-react/dist/esm/icons/${icon}.mjs";`)
            .join(" "),
        )
      : undefined,
};

/**
 * What nearly every page needs travels in a few files: fifty small ones cost more to ask for than their bytes do. Nothing that the
 * entry itself needs may be named here, or the files would need each other to begin.
 */
const TOGETHER: readonly [string, RegExp][] = [
  ["icons", /@tabler\/icons-react\/dist\/esm\/icons\//],
  [
    "controls",
    /@mantine\/core\/esm\/components\/(Autocomplete|Combobox|FloatingIndicator|Modal|ModalBase|SegmentedControl|Select|Textarea|Tooltip)\//,
  ],
  ["parts", /console\/src\/(parts\/(Mark|Page|ProblemList|WhenSeen|links)|people\/|words\/(count|format))/],
];
const together = (id: string): string | undefined => TOGETHER.find(([, which]) => which.test(id))?.[0];

export default defineConfig({
  plugins: [icons, react()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  build: {
    outDir: "dist",
    target: "es2022",
    assetsDir: "built",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      // what a recording is drawn by is a page of its own, `/replay`, with a policy of its own
      input: { index: "index.html", replay: "src/replay/replay.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "replay" ? "replay/replay.js" : "built/[name]-[hash].js"),
        manualChunks: together,
        onlyExplicitManualChunks: true,
      },
    },
  },
  server: { proxy: { "/api": console, "/preview": console, "/replay": console } },
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}"] },
});
