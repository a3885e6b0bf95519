/** A template of one's own: a copy of another one, under another name, as a draft. */

import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, ask } from "@/api/client";
import type { Form } from "@/messages/TemplateForm";
import { showFailure } from "@/parts/toast";
import { useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import styles from "./Templates.module.css";
import { words } from "./words";

interface Props {
  form: Form;
  /** What it is called on the screen. */
  called: string;
  opened: boolean;
  close: () => void;
}

export function OwnCopy({ form, called, opened, close }: Props) {
  const say = useWords(words).copy;
  const project = useProject();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(`our_${form.name}`);
  const [label, setLabel] = useState(say.usual(called));
  const [taken, setTaken] = useState("");
  const copying = useMutation({
    mutationFn: async () => {
      const path = { project: project.id };
      const known = await ask(api.GET("/api/projects/{project}/documents", { params: { path, query: { kind: "templates" } } }));
      const all = await ask(api.GET("/api/projects/{project}/templates", { params: { path } }));
      if ([...known.map((one) => one.id), ...all.map((one) => one.name)].includes(name)) {
        setTaken(name);
        return;
      }
      const { files } = await ask(
        api.GET("/api/projects/{project}/templates/{name}/parts", { params: { path: { ...path, name: form.name } } }),
      );
      const described = labelled(files["template.yaml"] ?? "", label.trim() || name);
      await ask(
        api.PUT("/api/projects/{project}/drafts/{kind}/{id}", {
          params: { path: { ...path, kind: "templates", id: name } },
          body: { document: { ...files, "template.yaml": described }, revision: 0, base_version: 0 },
        }),
      );
      await client.invalidateQueries({ queryKey: ["documents"] });
      await navigate({ to: `/p/${project.id}/gallery/${name}` });
    },
    onError: showFailure,
  });
  const fits = /^[a-z0-9][a-z0-9_]*$/.test(name);
  return (
    <Modal opened={opened} onClose={close} title={say.title}>
      <form
        className={styles.copy}
        onSubmit={(event) => {
          event.preventDefault();
          copying.mutate();
        }}
      >
        <p className={styles.quiet}>{say.lead}</p>
        <TextInput label={say.label} value={label} onChange={(event) => setLabel(event.currentTarget.value)} />
        <TextInput
          label={say.name}
          description={say.nameHelp}
          value={name}
          error={name !== "" && !fits ? say.nameWrong : taken === name ? say.taken : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!fits} loading={copying.isPending}>
          {say.make}
        </Button>
      </form>
    </Modal>
  );
}

/** The description with another label; a quoted JSON text is YAML, too. */
function labelled(yaml: string, label: string): string {
  const line = `label: ${JSON.stringify(label)}`;
  const pattern = /^label:.*(\n[ \t]+.*)*$/m;
  return pattern.test(yaml) ? yaml.replace(pattern, () => line) : `${yaml.trimEnd()}\n${line}\n`;
}
