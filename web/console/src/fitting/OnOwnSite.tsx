/** What is being written, on the site itself: opening it there, and how it stands. */

import { Anchor, Button, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDeviceMobile, IconExternalLink } from "@tabler/icons-react";
import { useState } from "react";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import { codeImage } from "./code";
import styles from "./fitting.module.css";
import { useMyself } from "./myself";
import { OpenSite } from "./OpenSite";
import { type Drawing, type Fitting, useFitting } from "./useFitting";
import { useSitePage } from "./usePage";
import { words } from "./words";

interface Props {
  campaign: string;
  drawing: Drawing | null;
  /** The site, where it is known; "" where not. */
  site: string;
}

export function OnOwnSite({ campaign, drawing, site }: Props) {
  const say = useWords(words);
  const project = useProject();
  const page = useSitePage(project.id, site);
  const [, introduce] = useMyself(project.id);
  const fitting = useFitting(project.id, campaign, drawing, introduce);
  const [blocked, setBlocked] = useState(false);
  const [asking, { open: ask }] = useDisclosure(false);
  return (
    <section className={styles.onSite} aria-label={say.title}>
      {fitting.link === null && !asking ? (
        <Button
          variant="default"
          size="xs"
          fullWidth
          leftSection={<IconExternalLink size={15} stroke={1.6} aria-hidden />}
          onClick={ask}
        >
          {say.title}
        </Button>
      ) : fitting.link === null ? (
        <>
          <h3>{say.title}</h3>
          <p className={styles.hint}>{say.lead}</p>
          <OpenSite
            site={page}
            loading={fitting.beginning}
            onOpen={(url) => void fitting.begin(url).then((opened) => setBlocked(!opened))}
          />
        </>
      ) : (
        <>
          <h3>{say.title}</h3>
          <Standing fitting={fitting} blocked={blocked} />
        </>
      )}
    </section>
  );
}

function Standing({ fitting, blocked }: { fitting: Fitting; blocked: boolean }) {
  const say = useWords(words);
  const project = useProject();
  const format = useFormats(project.time_zone);
  const [phone, { toggle }] = useDisclosure(false);
  const { link, viewers } = fitting;
  if (link === null) return null;
  const here = viewers.filter((one) => one.here);
  return (
    <>
      <ul className={styles.viewers} aria-live="polite">
        {here.map((one) => (
          <li key={`${one.visitor}${one.phone}`} data-here>
            <span>{one.phone ? say.onPhone : say.onTab}</span>
            <code>{path(one.url)}</code>
          </li>
        ))}
        {here.length === 0 && (
          <li>
            <span>{viewers.length > 0 ? say.seen : say.waiting}</span>
          </li>
        )}
      </ul>
      {blocked && viewers.length === 0 && <p className={styles.warning}>{say.blocked}</p>}
      {fitting.away ? (
        <p className={styles.warning}>{say.unreachable}</p>
      ) : (
        fitting.wrong && <p className={styles.warning}>{say.wrong}</p>
      )}
      <div className={styles.ways}>
        <Button component="a" href={link.url} target="_blank" rel="noopener noreferrer" variant="default" size="xs">
          {say.openAgain}
        </Button>
        <UnstyledButton className={styles.phone} onClick={toggle} aria-expanded={phone}>
          <IconDeviceMobile size={15} stroke={1.6} aria-hidden />
          {say.phone}
        </UnstyledButton>
        <Anchor component="button" type="button" size="sm" onClick={fitting.end}>
          {say.end}
        </Anchor>
      </div>
      {phone && <img className={styles.code} src={codeImage(link.code)} alt={say.code} width={148} height={148} />}
      <p className={styles.hint}>{say.until(format.time(link.until))}</p>
    </>
  );
}

function path(url: string): string {
  try {
    const { pathname, search } = new URL(url);
    return decodeURI(pathname + search);
  } catch {
    return url;
  }
}
