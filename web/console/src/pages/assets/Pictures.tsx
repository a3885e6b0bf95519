/** The asset library. */

import { SegmentedControl, TextInput } from "@mantine/core";
import { IconPhoto, IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { DropZone } from "@/messages/pictures/DropZone";
import { PictureGrid } from "@/messages/pictures/PictureGrid";
import { named, type Picture, usePictures } from "@/messages/pictures/pictures";
import { UploadDialog } from "@/messages/pictures/UploadDialog";
import { words as messages } from "@/messages/words";
import { Page } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import { Details } from "./Details";
import styles from "./Pictures.module.css";
import { words } from "./words";

type Which = "every" | "unused" | "heavy";

export default function Pictures() {
  const project = useProject();
  const may = useMay("edit");
  const say = useWords(words);
  const { pictures: common } = useWords(messages);
  const { number } = useFormats();
  const navigate = useNavigate();
  const { picture: chosen } = useSearch({ strict: false }) as { picture?: string };
  const query = usePictures(project.id);
  const [asked, setAsked] = useState("");
  const [which, setWhich] = useState<Which>("every");
  const [file, setFile] = useState<File | null>(null);
  const choose = (id: string | undefined) =>
    void navigate({ to: `/p/${project.id}/assets`, search: (id ? { picture: id } : {}) as never, replace: chosen !== undefined });
  return (
    <Page title={say.title} lead={say.lead}>
      <div className={styles.library}>
        {may && <DropZone onFile={setFile} />}
        <Loaded query={query}>
          {(pictures) => {
            if (pictures.length === 0) {
              return (
                <EmptyState icon={<IconPhoto size={32} stroke={1.3} aria-hidden />} title={common.none}>
                  {common.noneHint}
                </EmptyState>
              );
            }
            const found = pictures.filter((one) => fits(one, which) && named(one, asked));
            const weight = pictures.reduce((sum, one) => sum + one.bytes, 0);
            const shown = pictures.find((one) => one.id === chosen);
            return (
              <>
                <div className={styles.filters}>
                  <TextInput
                    className={styles.search}
                    leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
                    aria-label={common.search}
                    placeholder={common.search}
                    value={asked}
                    onChange={(event) => setAsked(event.currentTarget.value)}
                  />
                  <SegmentedControl
                    value={which}
                    onChange={(to) => setWhich(to as Which)}
                    data={(["every", "unused", "heavy"] as const).map((one) => ({ value: one, label: say[one] }))}
                  />
                  <span className={styles.total}>{say.total(number(pictures.length), number(Math.round(weight / 1024)))}</span>
                </div>
                {found.length === 0 ? (
                  <EmptyState title={say.none} />
                ) : (
                  <PictureGrid pictures={found} chosen={chosen ?? ""} onPick={(one) => choose(one.id)} />
                )}
                <Details project={project.id} picture={shown} onClose={() => choose(undefined)} onShow={choose} />
              </>
            );
          }}
        </Loaded>
      </div>
      <UploadDialog
        project={project.id}
        file={file}
        onClose={() => setFile(null)}
        onAdded={(picture) => {
          setFile(null);
          choose(picture.id);
        }}
      />
    </Page>
  );
}

function fits(picture: Picture, which: Which): boolean {
  return which === "every" || (which === "heavy" ? picture.heavy : picture.used.length === 0);
}
