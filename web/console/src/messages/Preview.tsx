/** A message on a visitor's screen: the tag's own frame, in a drawn phone or browser window. */

import { Button, SegmentedControl } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { SkeletonBlock } from "@/parts/states";
import { useWords } from "@/words/words";
import { MessageFrame } from "./MessageFrame";
import styles from "./Preview.module.css";
import type { Told, WireMessage } from "./wire";
import { words } from "./words";

export type Device = "phone" | "desktop";

interface Props {
  /** What the edge would send; null while there is nothing to draw yet. */
  message: WireMessage | null;
  device: Device;
  language: "ja" | "en";
  theme?: "light" | "dark";
  /** Where pictures with a relative address are found: `site` of the answer that the message came in. */
  site?: string;
  /** Says what a press would record. */
  talkative?: boolean;
}

/** In the window's address while the site is not known. */
const NO_HOST = "shop.example";
const SIZES = { phone: { width: 375, height: 667 }, desktop: { width: 1080, height: 640 } } as const;

export function Preview({ message, device, language, theme = "light", site = "", talkative = true }: Props) {
  const say = useWords(words).preview;
  const [states, setStates] = useState<readonly string[]>([]);
  const [state, setState] = useState("");
  const [wanted, setWanted] = useState<string>();
  const [closed, setClosed] = useState(false);
  const [again, setAgain] = useState(0);
  const [line, setLine] = useState("");
  const { width, height } = SIZES[device];

  // biome-ignore lint/correctness/useExhaustiveDependencies: another message is a new beginning
  useEffect(() => {
    setClosed(false);
    setLine("");
  }, [message, device, again]);

  const hear = (told: Told) => {
    switch (told.did) {
      case "drawn":
        setStates(told.states);
        setState(told.state);
        break;
      case "state":
        setState(told.state);
        setWanted(undefined);
        break;
      case "closed":
        setClosed(true);
        break;
      case "recorded":
        setLine(say.recorded(written(told)));
        break;
      case "failed":
        setLine(say.failed(told.message));
        break;
    }
  };
  const redraw = () => {
    setWanted(undefined);
    setAgain(again + 1);
  };

  if (message === null) return <SkeletonBlock height={device === "phone" ? 480 : 320} />;
  return (
    <figure className={styles.preview} data-device={device} data-scheme={theme} aria-label={`${say.frame}: ${say[device]}`}>
      <div className={styles.device}>
        {device === "desktop" && (
          <div className={styles.bar} aria-hidden>
            <i />
            <i />
            <i />
            <span>{host(site) || NO_HOST}</span>
          </div>
        )}
        <div className={styles.screen}>
          <MessageFrame
            draw={message}
            language={language}
            theme={theme}
            site={site}
            state={wanted}
            again={again}
            width={width}
            height={height}
            title={`${say.frame}: ${say[device]}`}
            onTold={hear}
          />
          {closed && (
            <div className={styles.closed}>
              <p>{say.closed}</p>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconRefresh size={14} stroke={1.8} aria-hidden />}
                onClick={redraw}
              >
                {say.again}
              </Button>
            </div>
          )}
        </div>
      </div>
      {message.kind === "script" && <p className={styles.note}>{say.nothing}</p>}
      {states.length > 1 && !closed && (
        <SegmentedControl
          size="xs"
          className={styles.states}
          aria-label={say.states}
          data={[...new Set(states)]}
          value={state}
          onChange={(to) => setWanted(to)}
        />
      )}
      {talkative && message.kind !== "script" && (
        <figcaption className={styles.line} aria-live="polite">
          {line || say.press}
        </figcaption>
      )}
    </figure>
  );
}

function written({ name, values }: { name: string; values: Record<string, unknown> }): string {
  const said = JSON.stringify(values);
  return said === "{}" ? name : `${name} ${said.length > 160 ? `${said.slice(0, 160)}…` : said}`;
}

function host(site: string): string {
  try {
    return new URL(site).host;
  } catch {
    return "";
  }
}
