/** Chooses a picture of the library, or takes a new one in on the way. */

import { Modal, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Loaded } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import { words } from "../words";
import { DropZone } from "./DropZone";
import { PictureGrid } from "./PictureGrid";
import { named, type Picture, usePictures } from "./pictures";
import styles from "./pictures.module.css";
import { UploadDialog } from "./UploadDialog";

interface Props {
  onClose: () => void;
  onPick: (picture: Picture) => void;
}

export default function PicturePicker({ onClose, onPick }: Props) {
  const say = useWords(words).pictures;
  return (
    <Modal opened onClose={onClose} title={say.choose} size="xl" centered>
      <Inside onPick={onPick} />
    </Modal>
  );
}

function Inside({ onPick }: { onPick: (picture: Picture) => void }) {
  const say = useWords(words).pictures;
  const project = useProject();
  const may = useMay("edit");
  const query = usePictures(project.id);
  const [asked, setAsked] = useState("");
  const [file, setFile] = useState<File | null>(null);
  return (
    <div className={styles.dialog}>
      {may && <DropZone onFile={setFile} />}
      <Loaded query={query}>
        {(pictures) =>
          pictures.length > 0 && (
            <>
              <TextInput
                leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
                aria-label={say.search}
                placeholder={say.search}
                value={asked}
                onChange={(event) => setAsked(event.currentTarget.value)}
              />
              <PictureGrid pictures={pictures.filter((one) => named(one, asked))} onPick={onPick} />
            </>
          )
        }
      </Loaded>
      <UploadDialog
        project={project.id}
        file={file}
        onClose={() => setFile(null)}
        onAdded={(picture) => {
          setFile(null);
          onPick(picture);
        }}
      />
    </div>
  );
}
