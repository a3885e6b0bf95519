/** Searches kept under a name, for everybody who works on the project. */

import { ActionIcon, Button, Popover, TextInput } from "@mantine/core";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { showDone, showFailure, showUndo } from "@/parts/toast";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import styles from "./People.module.css";
import type { Looking } from "./search";
import { words } from "./words";

type Kept = Schemas["Kept"];

export function Saved({ looking, look }: { looking: Looking; look: (to: Looking) => void }) {
  const say = useWords(words);
  const { save } = useWords(shared);
  const project = useProject();
  const formats = useFormats(project.time_zone);
  const mayEdit = useMay("edit");
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const key = ["saved", project.id, "people"];
  const { data = [] } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/saved", {
          params: { path: { project: project.id }, query: { kind: "people" } },
          signal,
        }),
      ),
  });
  const put = (called: string, document: Looking) =>
    ask(
      api.POST("/api/projects/{project}/saved", {
        params: { path: { project: project.id } },
        body: { kind: "people", name: called, document: { ...document } },
      }),
    );
  const keep = useMutation({
    mutationFn: (called: string) => put(called, looking),
    onSuccess: async (kept) => {
      setName("");
      setOpen(false);
      await client.invalidateQueries({ queryKey: key });
      showDone(say.savedAs(kept.name));
    },
    onError: showFailure,
  });
  const drop = useMutation({
    mutationFn: async (one: Kept) => {
      await ask(
        api.DELETE("/api/projects/{project}/saved/{saved}", { params: { path: { project: project.id, saved: one.id } } }),
      );
      return one;
    },
    onSuccess: async (one) => {
      await client.invalidateQueries({ queryKey: key });
      showUndo(say.removed(one.name), async () => {
        await put(one.name, one.document as Looking);
        await client.invalidateQueries({ queryKey: key });
      });
    },
    onError: showFailure,
  });
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={320} withinPortal trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconBookmark size={16} stroke={1.6} />} onClick={() => setOpen(!open)}>
          {say.saved}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.saved}>
        {data.length === 0 && <p className="muted">{say.noneSaved}</p>}
        <ul>
          {data.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                onClick={() => {
                  look(one.document as Looking);
                  setOpen(false);
                }}
              >
                <b>{one.name}</b>
                <span className={styles.author}>{say.by(one.author, formats.date(one.created_at))}</span>
              </button>
              {mayEdit && (
                <ActionIcon variant="subtle" size="sm" aria-label={say.remove(one.name)} onClick={() => drop.mutate(one)}>
                  <IconTrash size={15} stroke={1.6} />
                </ActionIcon>
              )}
            </li>
          ))}
        </ul>
        {mayEdit && (
          <form
            className={styles.keep}
            onSubmit={(event) => {
              event.preventDefault();
              if (name.trim()) keep.mutate(name.trim());
            }}
          >
            <TextInput
              size="xs"
              value={name}
              maxLength={120}
              placeholder={say.saveAs}
              aria-label={say.saveAs}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" size="xs" loading={keep.isPending} disabled={!name.trim()} aria-label={say.save}>
              {save}
            </Button>
          </form>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
