/** Another project; for people who have several. */

import { Select } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { words } from "@/words/shared";
import { usePick, useWords } from "@/words/words";
import { type MyProject, useMe } from "./session";

export default function ProjectPicker({ project }: { project: MyProject | undefined }) {
  const me = useMe();
  const say = useWords(words);
  const pick = usePick();
  const navigate = useNavigate();
  return (
    <Select
      size="xs"
      aria-label={say.nav.project}
      data={me.projects.map((one) => ({ value: one.id, label: pick(one.name) }))}
      value={project?.id ?? null}
      allowDeselect={false}
      onChange={(id) => id && void navigate({ to: `/p/${id}` })}
    />
  );
}
