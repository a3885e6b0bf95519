/** One picture: what it is, where it is used, what is read aloud instead. */

import { Button, CopyButton, Drawer, Group, TextInput } from "@mantine/core";
import { IconCopy, IconCrop, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, ask } from "@/api/client";
import { Crop } from "@/messages/pictures/Crop";
import { type Picture, sized, useRefreshPictures, weighing, type Zone } from "@/messages/pictures/pictures";
import { words as messages } from "@/messages/words";
import { showDone, showFailure, showUndo } from "@/parts/toast";
import { useMay } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { useLanguage, useWords } from "@/words/words";
import styles from "./Pictures.module.css";
import { words } from "./words";

interface Props {
  project: string;
  /** Undefined: closed. */
  picture: Picture | undefined;
  onClose: () => void;
  onShow: (id: string) => void;
}

export function Details({ project, picture, onClose, onShow }: Props) {
  const say = useWords(words);
  return (
    <Drawer opened={picture !== undefined} onClose={onClose} position="right" size={440} title={say.details}>
      {picture && <Inside key={picture.id} project={project} picture={picture} onClose={onClose} onShow={onShow} />}
    </Drawer>
  );
}

function Inside({ project, picture, onClose, onShow }: Props & { picture: Picture }) {
  const say = useWords(words);
  const { pictures: common } = useWords(messages);
  const { cancel, copy, copied } = useWords(shared);
  const may = useMay("edit");
  const language = useLanguage();
  const { number, date } = useFormats();
  const refresh = useRefreshPictures(project);
  const [title, setTitle] = useState(picture.title);
  const [ja, setJa] = useState(picture.alt.ja ?? "");
  const [en, setEn] = useState(picture.alt.en ?? "");
  const [zone, setZone] = useState<Zone | null>(null);
  const path = { project, asset: picture.id };
  useEffect(() => {
    setTitle(picture.title);
    setJa(picture.alt.ja ?? "");
    setEn(picture.alt.en ?? "");
  }, [picture]);

  const describe = useMutation({
    mutationFn: () =>
      ask(api.PATCH("/api/projects/{project}/assets/{asset}", { params: { path }, body: { title, alt: { ja, en } } })),
    onSuccess: async () => {
      await refresh();
      showDone(common.saved);
    },
    onError: showFailure,
  });
  const crop = useMutation({
    mutationFn: (part: Zone) => ask(api.POST("/api/projects/{project}/assets/{asset}/crop", { params: { path }, body: part })),
    onSuccess: async (made) => {
      await refresh();
      setZone(null);
      onShow(made.id);
      showDone(common.cropped);
    },
    onError: showFailure,
  });
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE("/api/projects/{project}/assets/{asset}", { params: { path } })),
    onSuccess: async () => {
      onClose();
      await refresh();
      showUndo(common.removed, async () => {
        await ask(api.POST("/api/projects/{project}/assets/{asset}/restore", { params: { path } }));
        await refresh();
      });
    },
    onError: showFailure,
  });

  const size = weighing(number(Math.max(1, Math.round(picture.bytes / 1024))));
  const changed = title !== picture.title || ja !== (picture.alt.ja ?? "") || en !== (picture.alt.en ?? "");
  if (zone) {
    return (
      <div className={styles.details}>
        <Crop src={picture.file} width={picture.width} height={picture.height} zone={zone} onChange={setZone} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => setZone(null)}>
            {cancel}
          </Button>
          <Button onClick={() => crop.mutate(zone)} loading={crop.isPending}>
            {common.cropNew}
          </Button>
        </Group>
      </div>
    );
  }
  return (
    <div className={styles.details}>
      <div className={styles.plate}>
        <img src={picture.file} alt={picture.alt[language] || picture.title} />
      </div>
      <p className={styles.facts}>
        {sized(number(picture.width), number(picture.height))} · {size} ·{" "}
        {common.by(picture.created_by, date(picture.created_at))}
      </p>
      {picture.heavy && <p className={styles.warning}>{common.heavy(size)}</p>}
      <TextInput
        label={common.title}
        value={title}
        maxLength={120}
        readOnly={!may}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <TextInput
        label={common.altJa}
        description={common.altHelp}
        lang="ja"
        value={ja}
        maxLength={300}
        readOnly={!may}
        onChange={(event) => setJa(event.currentTarget.value)}
      />
      <TextInput
        label={common.altEn}
        lang="en"
        value={en}
        maxLength={300}
        readOnly={!may}
        onChange={(event) => setEn(event.currentTarget.value)}
      />
      {may && (
        <Group gap="xs">
          <Button disabled={!changed || title.trim() === ""} loading={describe.isPending} onClick={() => describe.mutate()}>
            {say.save}
          </Button>
        </Group>
      )}
      <div className={styles.address}>
        <TextInput label={common.address} value={picture.url} readOnly />
        <CopyButton value={picture.url}>
          {({ copied: done, copy: put }) => (
            <Button variant="default" leftSection={<IconCopy size={15} stroke={1.6} aria-hidden />} onClick={put}>
              {done ? copied : copy}
            </Button>
          )}
        </CopyButton>
      </div>
      <section>
        <h3 className={styles.heading}>{common.usedIn}</h3>
        {picture.used.length === 0 ? (
          <p className={styles.facts}>{common.unused}</p>
        ) : (
          <ul className={styles.used}>
            {picture.used.map((use) => (
              <li key={`${use.kind}/${use.id}/${use.draft}`}>
                {use.kind === "campaigns" ? (
                  <Link to={`/p/${project}/campaigns/${use.id}`}>{use.id}</Link>
                ) : (
                  `${use.kind}/${use.id}`
                )}
                {use.draft && ` (${common.draft})`}
              </li>
            ))}
          </ul>
        )}
      </section>
      {may && (
        <Group gap="xs">
          {picture.url.endsWith(".webp") && !picture.moving && (
            <Button
              variant="default"
              leftSection={<IconCrop size={15} stroke={1.6} aria-hidden />}
              onClick={() => setZone({ x: 0, y: 0, width: picture.width, height: picture.height })}
            >
              {common.cropNew}
            </Button>
          )}
          <Button
            variant="default"
            color="vermilion"
            leftSection={<IconTrash size={15} stroke={1.6} aria-hidden />}
            disabled={picture.used.length > 0}
            title={picture.used.length > 0 ? common.inUse : undefined}
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {common.remove}
          </Button>
        </Group>
      )}
    </div>
  );
}
