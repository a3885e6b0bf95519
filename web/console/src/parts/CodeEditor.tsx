/** An editor for code. Loaded only where code is written. */

import type { CompletionSource } from "@codemirror/autocomplete";
import { css } from "@codemirror/lang-css";
import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { tags } from "@lezer/highlight";
import { basicSetup, EditorView } from "codemirror";
import { useEffect, useRef } from "react";
import styles from "./CodeEditor.module.css";

const LANGUAGES = { css, html, javascript, yaml } as const;

/** What is wrong on a line; lines count from 1, 0 is the file as a whole. */
export interface Wrong {
  line: number;
  message: string;
}

interface Props {
  language: keyof typeof LANGUAGES;
  label: string;
  value: string;
  onChange: (text: string) => void;
  readOnly?: boolean;
  /** Offers words beside those of the language itself. */
  complete?: CompletionSource;
  problems?: readonly Wrong[];
}

/** The house's colours, which can be read on a light and on a dark sheet. */
const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.tagName, tags.operatorKeyword, tags.modifier], color: "var(--primary)" },
  { tag: [tags.string, tags.attributeValue, tags.regexp], color: "var(--shown-text)" },
  { tag: [tags.attributeName, tags.propertyName, tags.className, tags.labelName], color: "var(--holdout-text)" },
  { tag: [tags.number, tags.bool, tags.null, tags.unit, tags.color, tags.atom], color: "var(--waiting-text)" },
  { tag: [tags.comment, tags.meta], color: "var(--withheld-text)" },
  { tag: tags.invalid, color: "var(--danger-text)" },
]);
const nonce = () => document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
const NONE: readonly Wrong[] = [];

export default function CodeEditor({ language, label, value, onChange, readOnly = false, complete, problems = NONE }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  const offered = useRef(complete);
  offered.current = complete;
  const writable = useRef(new Compartment());
  const first = useRef(value);
  useEffect(() => {
    if (!place.current) return;
    const offer: CompletionSource = (context) => offered.current?.(context) ?? null;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          basicSetup,
          LANGUAGES[language](),
          EditorState.languageData.of(() => [{ autocomplete: offer }]),
          syntaxHighlighting(COLOURS),
          lintGutter(),
          EditorView.cspNonce.of(nonce()),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          writable.current.of(EditorState.readOnly.of(false)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [language, label]);
  useEffect(() => {
    view.current?.dispatch({ effects: writable.current.reconfigure(EditorState.readOnly.of(readOnly)) });
  }, [readOnly]);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const { doc } = editor.state;
    const marks = problems.map(({ line, message }) => {
      const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
      return { from, to, severity: "error" as const, message };
    });
    editor.dispatch(setDiagnostics(editor.state, marks));
  }, [problems]);
  return <div ref={place} className={styles.editor} />;
}
