import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "happy-dom",
    // messages bring scripts of their own
    environmentOptions: { happyDOM: { settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true } } },
    include: ["tests/**/*.test.ts"],
  },
});
