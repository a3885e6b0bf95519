/** A picture before it is taken in: which part of it, and what is read aloud instead. */

import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { showDone } from "@/parts/toast";
import { useExplain } from "@/words/errors";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { words } from "../words";
import { Crop } from "./Crop";
import { type Picture, upload, useRefreshPictures, type Zone } from "./pictures";
import styles from "./pictures.module.css";

interface Props {
  project: string;
  /** None: nothing is open. */
  file: File | null;
  onClose: () => void;
  onAdded: (picture: Picture) => void;
}

interface Seen {
  src: string;
  width: number;
  height: number;
}

export function UploadDialog({ project, file, onClose, onAdded }: Props) {
  const say = useWords(words).pictures;
  const { cancel } = useWords(shared);
  const explain = useExplain();
  const refresh = useRefreshPictures(project);
  const [seen, setSeen] = useState<Seen | null>(null);
  const [zone, setZone] = useState<Zone | null>(null);
  const [ja, setJa] = useState("");
  const [en, setEn] = useState("");
  const send = useMutation({
    mutationFn: (picture: File) => upload(project, picture, { ja, en }, zone && seen && !whole(zone, seen) ? zone : undefined),
    onSuccess: async (picture) => {
      await refresh();
      showDone(say.added);
      onAdded(picture);
    },
  });
  const { reset } = send;
  useEffect(() => {
    setSeen(null);
    setZone(null);
    setJa("");
    setEn("");
    reset();
    if (!file) return;
    let current = true;
    void looked(file).then((found) => {
      if (!current) return;
      setSeen(found);
      if (found) setZone({ x: 0, y: 0, width: found.width, height: found.height });
    });
    return () => {
      current = false;
    };
  }, [file, reset]);
  const cropped = file !== null && file.type !== "image/svg+xml";
  return (
    <Modal opened={file !== null} onClose={onClose} title={say.upload} size="lg" centered>
      <div className={styles.dialog}>
        {seen === null ? (
          <p className="muted">{say.reading}</p>
        ) : cropped && zone ? (
          <Crop src={seen.src} width={seen.width} height={seen.height} zone={zone} onChange={setZone} />
        ) : (
          <div className={styles.whole}>
            <img src={seen.src} alt="" />
          </div>
        )}
        <TextInput
          label={say.altJa}
          description={say.altHelp}
          lang="ja"
          maxLength={300}
          value={ja}
          onChange={(event) => setJa(event.currentTarget.value)}
        />
        <TextInput
          label={say.altEn}
          lang="en"
          maxLength={300}
          value={en}
          onChange={(event) => setEn(event.currentTarget.value)}
        />
        {send.error && (
          <p className={styles.wrong} role="alert">
            {explain(send.error)}
          </p>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {cancel}
          </Button>
          <Button onClick={() => file && send.mutate(file)} loading={send.isPending} disabled={seen === null}>
            {say.add}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}

const whole = (zone: Zone, { width, height }: Seen) => zone.width === width && zone.height === height;

/** As a data address, which our own policy allows; one that the browser cannot draw is still sent, and the server says why not. */
function looked(file: File): Promise<Seen | null> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onerror = () => resolve({ src: "", width: 1, height: 1 });
    reader.onload = () => {
      const src = String(reader.result);
      const image = new Image();
      image.onload = () => resolve({ src, width: image.naturalWidth || 300, height: image.naturalHeight || 150 });
      image.onerror = () => resolve({ src: "", width: 1, height: 1 });
      image.src = src;
    };
    reader.readAsDataURL(file);
  });
}
