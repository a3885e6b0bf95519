/** One quiet line at the bottom: what was done, and the way back. */

import { Button, CloseButton, Portal } from "@mantine/core";
import { useEffect, useSyncExternalStore } from "react";
import { useExplain } from "@/words/errors";
import { words } from "@/words/shared";
import { useWords } from "@/words/words";
import styles from "./toast.module.css";

interface Toast {
  id: number;
  text: string;
  tone: "done" | "failed";
  undo?: () => unknown;
  error?: unknown;
}

const STAYS_MS = 8_000;
let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function put(changed: readonly Toast[]): void {
  toasts = changed;
  for (const listener of listeners) listener();
}

function show(toast: Omit<Toast, "id">): void {
  put([...toasts.slice(-2), { ...toast, id: next++ }]);
}

/** Something was done. */
export function showDone(text: string): void {
  show({ text, tone: "done" });
}

/** Something was done that can be taken back. */
export function showUndo(text: string, undo: () => unknown): void {
  show({ text, tone: "done", undo });
}

/** Something could not be done; the reader is told in their language. */
export function showFailure(error: unknown): void {
  show({ text: "", tone: "failed", error });
}

/** Something was understood, and is not so. */
export function showRefusal(text: string): void {
  show({ text, tone: "failed" });
}

function dismiss(id: number): void {
  put(toasts.filter((toast) => toast.id !== id));
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <Portal>
      <div className={styles.toasts} aria-live="polite">
        {shown.map((toast) => (
          <One key={toast.id} toast={toast} />
        ))}
      </div>
    </Portal>
  );
}

function One({ toast }: { toast: Toast }) {
  const say = useWords(words);
  const explain = useExplain();
  useEffect(() => {
    const timer = setTimeout(() => dismiss(toast.id), STAYS_MS);
    return () => clearTimeout(timer);
  }, [toast.id]);
  const undo = async () => {
    dismiss(toast.id);
    try {
      await toast.undo?.();
      showDone(say.undone);
    } catch (error) {
      showFailure(error);
    }
  };
  return (
    <div className={styles.toast} data-tone={toast.tone} role={toast.tone === "failed" ? "alert" : "status"}>
      <span>{toast.error === undefined ? toast.text : explain(toast.error)}</span>
      {toast.undo && (
        <Button size="compact-sm" variant="subtle" className={styles.undo} onClick={undo}>
          {say.undo}
        </Button>
      )}
      <CloseButton
        size="sm"
        variant="transparent"
        className={styles.close}
        aria-label={say.close}
        onClick={() => dismiss(toast.id)}
      />
    </div>
  );
}
