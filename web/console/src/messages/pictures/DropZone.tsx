/** Where a picture is dropped, or chosen with a press. */

import { IconPhotoPlus } from "@tabler/icons-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { showFailure } from "@/parts/toast";
import { useWords } from "@/words/words";
import { words } from "../words";
import { ACCEPTED, LARGEST_MB } from "./pictures";
import styles from "./pictures.module.css";

export function DropZone({ onFile, children }: { onFile: (file: File) => void; children?: ReactNode }) {
  const say = useWords(words).pictures;
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (file: File | undefined) => {
    if (!file) return;
    if (file.size > LARGEST_MB * 1024 * 1024) showFailure(new ApiError(400, "bad_body", say.tooLarge(LARGEST_MB), "file"));
    else onFile(file);
  };
  const dragged = (event: DragEvent, inside: boolean) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setOver(inside);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the second way; the button is the first
    <div
      className={styles.drop}
      data-over={over || undefined}
      onDragOver={(event) => dragged(event, true)}
      onDragLeave={(event) => dragged(event, false)}
      onDrop={(event) => {
        dragged(event, false);
        take(event.dataTransfer.files[0]);
      }}
    >
      <button type="button" className={styles.dropButton} onClick={() => input.current?.click()}>
        <IconPhotoPlus size={24} stroke={1.4} aria-hidden />
        <span>{over ? say.dropNow : say.drop}</span>
        <small>{say.formats(LARGEST_MB)}</small>
      </button>
      <input
        ref={input}
        type="file"
        accept={ACCEPTED}
        hidden
        aria-label={say.upload}
        onChange={(event) => {
          take(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
      {children}
    </div>
  );
}
