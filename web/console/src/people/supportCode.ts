/** A code that a visitor reads out leads to their story. */

import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, ask } from "@/api/client";
import { showFailure, showRefusal } from "@/parts/toast";
import { defineWords, useWords } from "@/words/words";

export const words = defineWords({
  ja: {
    group: "サポートコード",
    go: "開く",
    open: (code: string) => `サポートコード ${code} の人を開く`,
    wrong: (code: string) => `${code} を使っている人はいません。番号は15分で変わります。もう一度うかがってください。`,
  },
  en: {
    group: "Support code",
    go: "Open",
    open: (code: string) => `Open whoever has support code ${code}`,
    wrong: (code: string) => `Nobody has the code ${code}. It changes after 15 minutes: ask for it once more.`,
  },
});

/** The six digits in what somebody typed, however they were written; undefined when it is something else. */
export function asSupportCode(typed: string): string | undefined {
  const digits = typed.normalize("NFKC").replace(/[\s-]/g, "");
  return /^[0-9]{6}$/.test(digits) ? digits : undefined;
}

/** As it is read out: 123 456. */
export function spoken(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}

/** Asks whose code it is and goes to their story. */
export function useSupportCode(project: string) {
  const say = useWords(words);
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (code: string) =>
      ask(api.POST("/api/projects/{project}/support-codes/look", { params: { path: { project } }, body: { code } })),
    onSuccess: ({ person }, code) => {
      if (person) void navigate({ to: `/p/${project}/people/${encodeURIComponent(person)}` });
      else showRefusal(say.wrong(spoken(code)));
    },
    onError: showFailure,
  });
}
