/** The window in which a message lives: nobody's page, drawn at its own size and shown as large as there is room. */

import { useElementSize } from "@mantine/hooks";
import { type CSSProperties, useCallback, useEffect, useRef, useState } from "react";
import styles from "./MessageFrame.module.css";
import { type Drawing, heard, type Told } from "./wire";

interface Props extends Drawing {
  /** The size of the visitor's window, px. */
  width: number;
  height: number;
  /** What it is, for those who hear the page. */
  title: string;
  onTold?: (told: Told) => void;
  /** Only to look at: neither pointer nor keyboard gets in. */
  inert?: boolean;
}

export function MessageFrame({ width, height, title, onTold, inert, ...drawing }: Props) {
  const { ref, width: room } = useElementSize();
  const frame = useRef<HTMLIFrameElement>(null);
  const ready = useRef(false);
  const [waiting, setWaiting] = useState(true);
  const wanted = useRef<Drawing>(drawing);
  const told = useRef(onTold);
  wanted.current = drawing;
  told.current = onTold;

  const draw = useCallback(() => {
    if (ready.current) frame.current?.contentWindow?.postMessage({ omotenashi: wanted.current }, "*");
  }, []);

  useEffect(() => {
    const hear = (event: MessageEvent) => {
      if (event.source === null || event.source !== frame.current?.contentWindow) return;
      const said = heard(event.data);
      if (said?.did === "ready") {
        ready.current = true;
        setWaiting(false);
        draw();
      }
      if (said) told.current?.(said);
    };
    window.addEventListener("message", hear);
    return () => window.removeEventListener("message", hear);
  }, [draw]);

  const { draw: message, language, theme, site, still, state, again } = drawing;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever changes here is drawn
  useEffect(draw, [message, language, theme, site, still, state, again, width, draw]);

  const scale = room ? Math.min(1, room / width) : 0;
  return (
    <div
      ref={ref}
      className={styles.room}
      data-waiting={waiting || undefined}
      style={{ height: height * scale || undefined, aspectRatio: `${width} / ${height}` }}
    >
      <iframe
        ref={frame}
        className={styles.frame}
        style={{ width, height, transform: `scale(${scale})`, visibility: scale ? undefined : "hidden" } as CSSProperties}
        src="/preview"
        sandbox="allow-scripts allow-forms"
        referrerPolicy="no-referrer"
        title={title}
        data-theme={theme}
        inert={inert}
        aria-hidden={inert || undefined}
        tabIndex={inert ? -1 : undefined}
      />
    </div>
  );
}
