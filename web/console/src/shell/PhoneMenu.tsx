/** The menu on a phone: it comes in over the page. */

import { Drawer } from "@mantine/core";
import { words } from "@/words/shared";
import { useWords } from "@/words/words";
import styles from "./Shell.module.css";
import { Side } from "./Side";
import type { MyProject } from "./session";

export default function PhoneMenu({ opened, close, project }: { opened: boolean; close: () => void; project?: MyProject }) {
  const say = useWords(words);
  return (
    <Drawer opened={opened} onClose={close} size={248} title={say.product} classNames={{ content: styles.drawer }}>
      <Side project={project} />
    </Drawer>
  );
}
