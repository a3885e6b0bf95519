/** The one thing that cannot be undone; so it says what it does before it does it. */

import { Button, Group, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, ask } from "@/api/client";
import { showDone, showFailure } from "@/parts/toast";
import { useProject } from "@/shell/session";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import type { Portrait } from "./useStory";
import { words } from "./words";

export function Erase({
  portrait,
  title,
  opened,
  close,
}: {
  portrait: Portrait;
  title: string;
  opened: boolean;
  close: () => void;
}) {
  const say = useWords(words);
  const { cancel } = useWords(shared);
  const project = useProject();
  const client = useQueryClient();
  const navigate = useNavigate();
  const erase = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/projects/{project}/erase", {
          params: { path: { project: project.id } },
          body: { person: portrait.person.person },
        }),
      ),
    onSuccess: async () => {
      close();
      await navigate({ to: `/p/${project.id}/people` });
      client.removeQueries({ queryKey: ["person", project.id] });
      client.removeQueries({ queryKey: ["story", project.id] });
      await client.invalidateQueries({ queryKey: ["people", project.id] });
      showDone(say.erased);
    },
    onError: showFailure,
  });
  return (
    <Modal opened={opened} onClose={close} title={say.eraseTitle} centered withCloseButton={false}>
      <p>{say.eraseHelp(title)}</p>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close} data-autofocus>
          {cancel}
        </Button>
        <Button color="vermilion" loading={erase.isPending} onClick={() => erase.mutate()}>
          {say.erase}
        </Button>
      </Group>
    </Modal>
  );
}
