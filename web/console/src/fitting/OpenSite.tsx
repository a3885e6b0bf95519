/** Which page of the site, and opening it in a tab of its own. */

import { Button, TextInput } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useId } from "react";
import { useWords } from "@/words/words";
import styles from "./fitting.module.css";
import type { SitePage } from "./usePage";
import { words } from "./words";

interface Props {
  site: SitePage;
  loading: boolean;
  onOpen: (page: string) => void;
}

export function OpenSite({ site, loading, onOpen }: Props) {
  const say = useWords(words);
  const list = useId();
  return (
    <form
      className={styles.asking}
      onSubmit={(event) => {
        event.preventDefault();
        site.remember();
        onOpen(site.page);
      }}
    >
      <TextInput
        className={styles.address}
        size="sm"
        type="url"
        aria-label={say.address}
        required={site.page === ""}
        placeholder={site.page || "https://shop.example/"}
        value={site.written}
        onChange={(event) => site.write(event.currentTarget.value)}
        list={list}
      />
      <datalist id={list}>
        {site.known.map((page) => (
          <option key={page} value={page} />
        ))}
      </datalist>
      <Button
        type="submit"
        variant="default"
        loading={loading}
        disabled={site.page === ""}
        leftSection={<IconExternalLink size={15} stroke={1.6} aria-hidden />}
      >
        {say.open}
      </Button>
    </form>
  );
}
