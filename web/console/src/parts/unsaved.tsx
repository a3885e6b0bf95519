/** Nothing that was typed is lost by leaving: asks before a page with unsaved changes is left. */

import { Button, Group, Modal } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { words } from "@/words/shared";
import { useWords } from "@/words/words";

/** Put this on a page; it asks while `dirty`, inside the console and when the tab closes. */
export function UnsavedGuard({ dirty }: { dirty: boolean }) {
  const say = useWords(words);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  return (
    <Modal
      opened={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      withCloseButton={false}
      centered
      title={say.unsaved}
    >
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={() => blocker.proceed?.()}>
          {say.leave}
        </Button>
        <Button onClick={() => blocker.reset?.()} data-autofocus>
          {say.stay}
        </Button>
      </Group>
    </Modal>
  );
}
