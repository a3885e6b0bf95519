/** Two people changed the same place: what each of them says, and a choice for each place. */

import { Button, Modal, Radio } from "@mantine/core";
import { useEffect, useState } from "react";
import { usePick, useWords } from "@/words/words";
import { placed } from "./campaign";
import styles from "./campaigns.module.css";
import type { Drafting } from "./useDraft";
import { useFieldName } from "./useFieldName";
import { words } from "./words";

export function DisputeDialog<T>({ drafting }: { drafting: Drafting<T> }) {
  const say = useWords(words).dispute;
  const pick = usePick();
  const fieldName = useFieldName();
  const { dispute } = drafting;
  const [theirs, setTheirs] = useState<ReadonlySet<string>>(new Set());
  // biome-ignore lint/correctness/useExhaustiveDependencies: another dispute begins with mine
  useEffect(() => setTheirs(new Set()), [dispute]);
  if (!dispute) return null;
  const called = dispute.against === "version" ? say.published : say.theirs(dispute.draft?.author_name ?? "");
  const settle = () => {
    let document = dispute.document as unknown;
    for (const clash of dispute.clashes) {
      if (theirs.has(clash.path)) document = placed(document, clash.steps as (string | number)[], clash.theirs);
    }
    drafting.settle(document as T);
  };
  return (
    <Modal opened onClose={drafting.putOff} title={say.title} size="lg" centered>
      <p>{dispute.against === "version" ? say.version : say.text}</p>
      <ul className={styles.clashes}>
        {dispute.clashes.map((clash) => (
          <li key={clash.path}>
            <Radio.Group
              label={fieldName(clash.path)}
              value={theirs.has(clash.path) ? "theirs" : "mine"}
              onChange={(to) => {
                const next = new Set(theirs);
                if (to === "theirs") next.add(clash.path);
                else next.delete(clash.path);
                setTheirs(next);
              }}
            >
              <div className={styles.sides}>
                <Radio value="mine" label={say.mine} description={<Words text={pick(clash.mine_said) || say.nothing} />} />
                <Radio value="theirs" label={called} description={<Words text={pick(clash.theirs_said) || say.nothing} />} />
              </div>
            </Radio.Group>
          </li>
        ))}
      </ul>
      <div className={styles.ways}>
        <Button variant="default" onClick={drafting.putOff}>
          {say.later}
        </Button>
        <Button onClick={settle}>{say.settle}</Button>
      </div>
    </Modal>
  );
}

function Words({ text }: { text: string }) {
  return <span className={styles.saying}>{text}</span>;
}
