/** Two people changed the same place: what each of them says, and a choice. */

import { Button, Group, Modal } from "@mantine/core";
import { usePick, useWords } from "@/words/words";
import type { Dispute as Told } from "./saving";
import styles from "./segments.module.css";
import { words } from "./words";

export function Dispute({
  dispute,
  onMine,
  onTheirs,
  onClose,
}: {
  dispute: Told | null;
  onMine: (dispute: Told) => void;
  onTheirs: (dispute: Told) => void;
  onClose: () => void;
}) {
  const say = useWords(words).dispute;
  const pick = usePick();
  return (
    <Modal opened={dispute !== null} onClose={onClose} title={say.title} size="lg" centered>
      {dispute && (
        <>
          <p>{say.text}</p>
          <ul className={styles.clashes}>
            {dispute.clashes.map((clash) => (
              <li key={clash.path}>
                <code>{clash.path}</code>
                <dl>
                  <dt>{say.mineSays}</dt>
                  <dd>{pick(clash.mine_said)}</dd>
                  <dt>{say.theirsSays}</dt>
                  <dd>{pick(clash.theirs_said)}</dd>
                </dl>
              </li>
            ))}
          </ul>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => onTheirs(dispute)}>
              {say.theirs}
            </Button>
            <Button onClick={() => onMine(dispute)}>{say.mine}</Button>
          </Group>
        </>
      )}
    </Modal>
  );
}
