/** Notes at moments of the recording, and its labels. */

import { ActionIcon, Button, TagsInput, Textarea } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type RefObject, useState } from "react";
import { api, ask } from "@/api/client";
import { showDone, showFailure, showUndo } from "@/parts/toast";
import type { Formats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Player.module.css";
import type { NoteTold } from "./recordings";
import { words } from "./words";

interface Props {
  project: string;
  recording: string;
  notes: readonly NoteTold[];
  keep: (notes: NoteTold[]) => void;
  time: number;
  seek: (ms: number) => void;
  formats: Formats;
  field: RefObject<HTMLTextAreaElement | null>;
}

export function Notes({ project, recording, notes, keep, time, seek, formats, field }: Props) {
  const say = useWords(words).player;
  const [text, setText] = useState("");
  const path = { project, recording };
  const write = useMutation({
    mutationFn: (note: { text: string; place: number }) =>
      ask(api.POST("/api/projects/{project}/recordings/{recording}/notes", { params: { path }, body: note })),
    onSuccess: (kept) => {
      keep(kept);
      setText("");
      showDone(say.wrote);
    },
    onError: showFailure,
  });
  const drop = useMutation({
    mutationFn: (note: NoteTold) =>
      ask(
        api.DELETE("/api/projects/{project}/recordings/{recording}/notes/{note}", {
          params: { path: { ...path, note: note.id } },
        }),
      ),
    onSuccess: (kept, note) => {
      keep(kept);
      showUndo(say.dropNote, () => write.mutateAsync({ text: note.text, place: note.place }));
    },
    onError: showFailure,
  });
  return (
    <section className={styles.notes} aria-label={say.notes}>
      <h2>{say.notes}</h2>
      {notes.length === 0 && <p className="muted">{say.noNotes}</p>}
      <ul>
        {notes.map((note) => (
          <li key={note.id}>
            <button type="button" className={styles.noteAt} onClick={() => seek(note.place)}>
              {formats.span(note.place)}
            </button>
            <span>
              {note.text}
              <small>{note.author}</small>
            </span>
            {note.mine && (
              <ActionIcon variant="subtle" size="sm" aria-label={say.dropNote} onClick={() => drop.mutate(note)}>
                <IconTrash size={14} stroke={1.6} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) write.mutate({ text: text.trim(), place: Math.round(time) });
        }}
      >
        <Textarea
          ref={field}
          aria-label={say.note}
          placeholder={`${say.note} (${formats.span(time)})`}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          rows={1}
          maxLength={2000}
          classNames={{ input: styles.note }}
        />
        {text.trim() && (
          <Button type="submit" size="xs" mt={8} loading={write.isPending}>
            {say.write}
          </Button>
        )}
      </form>
    </section>
  );
}

export function LabelsOf({ project, recording, labels }: { project: string; recording: string; labels: readonly string[] }) {
  const say = useWords(words).player;
  const [held, setHeld] = useState<string[]>([...labels]);
  const change = useMutation({
    mutationFn: (to: string[]) =>
      ask(
        api.PUT("/api/projects/{project}/recordings/{recording}/labels", {
          params: { path: { project, recording } },
          body: { labels: to },
        }),
      ),
    onSuccess: (kept) => setHeld([...kept.labels]),
    onError: showFailure,
  });
  return (
    <TagsInput
      aria-label={say.labels}
      placeholder={say.addLabel}
      value={held}
      maxTags={12}
      size="xs"
      onChange={(to) => {
        setHeld(to);
        change.mutate(to);
      }}
    />
  );
}
