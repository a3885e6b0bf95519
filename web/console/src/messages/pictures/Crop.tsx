/** The part of a picture to keep: drawn with the pointer, moved and sized with the keys. */

import { SegmentedControl } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import { words } from "../words";
import { inside, middle, sized, type Zone } from "./pictures";
import styles from "./pictures.module.css";

interface Props {
  src: string;
  /** Of the picture, px. */
  width: number;
  height: number;
  zone: Zone;
  onChange: (zone: Zone) => void;
}

const RATIOS = [
  ["free", null],
  ["16:9", 16 / 9],
  ["3:2", 3 / 2],
  ["1:1", 1],
  ["3:4", 3 / 4],
] as const;

type Corner = "nw" | "ne" | "sw" | "se";

export function Crop({ src, width, height, zone, onChange }: Props) {
  const say = useWords(words).pictures;
  const { number } = useFormats();
  const board = useRef<HTMLDivElement>(null);
  const ratio = useRef<number | null>(null);
  const held = useRef<{ corner: Corner | null; x: number; y: number; from: Zone } | null>(null);
  const put = (next: Zone) => onChange(inside(next, width, height));
  const choose = (name: string) => {
    ratio.current = RATIOS.find(([one]) => one === name)?.[1] ?? null;
    onChange(middle(width, height, ratio.current));
  };
  const begin = (event: PointerEvent, corner: Corner | null) => {
    event.preventDefault();
    event.stopPropagation();
    (event.target as HTMLElement).setPointerCapture(event.pointerId);
    held.current = { corner, x: event.clientX, y: event.clientY, from: zone };
  };
  const move = (event: PointerEvent) => {
    const box = board.current?.getBoundingClientRect();
    if (!held.current || !box) return;
    const { corner, from } = held.current;
    const dx = ((event.clientX - held.current.x) / box.width) * width;
    const dy = ((event.clientY - held.current.y) / box.height) * height;
    put(corner ? pulled(from, corner, dx, dy, ratio.current) : { ...from, x: from.x + dx, y: from.y + dy });
  };
  const end = () => {
    held.current = null;
  };
  const pressed = (event: KeyboardEvent) => {
    const step = Math.max(1, Math.round(width / 100));
    const dx = event.key === "ArrowRight" ? step : event.key === "ArrowLeft" ? -step : 0;
    const dy = event.key === "ArrowDown" ? step : event.key === "ArrowUp" ? -step : 0;
    if (!dx && !dy) return;
    event.preventDefault();
    put(event.shiftKey ? pulled(zone, "se", dx, dy, ratio.current) : { ...zone, x: zone.x + dx, y: zone.y + dy });
  };
  const share = (value: number, whole: number) => `${(value / whole) * 100}%`;
  return (
    <div className={styles.crop}>
      <SegmentedControl
        size="xs"
        aria-label={say.cropRatio}
        defaultValue="free"
        onChange={choose}
        data={RATIOS.map(([name]) => ({ value: name, label: name === "free" ? say.free : name }))}
      />
      <div className={styles.board} ref={board} style={{ aspectRatio: `${width} / ${height}` }}>
        <img src={src} alt="" draggable={false} />
        <div
          className={styles.zone}
          role="application"
          aria-roledescription={say.zone}
          aria-label={`${say.zone}: ${sized(number(zone.width), number(zone.height))}`}
          aria-description={say.zoneHelp}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved with the keys
          tabIndex={0}
          style={{
            left: share(zone.x, width),
            top: share(zone.y, height),
            width: share(zone.width, width),
            height: share(zone.height, height),
          }}
          onPointerDown={(event) => begin(event, null)}
          onPointerMove={move}
          onPointerUp={end}
          onPointerCancel={end}
          onKeyDown={pressed}
        >
          {(["nw", "ne", "sw", "se"] as const).map((corner) => (
            <i
              key={corner}
              className={styles.corner}
              data-corner={corner}
              onPointerDown={(event) => begin(event, corner)}
              onPointerMove={move}
              onPointerUp={end}
              onPointerCancel={end}
            />
          ))}
        </div>
      </div>
      <p className="muted">
        {sized(number(zone.width), number(zone.height))} · {say.zoneHelp}
      </p>
    </div>
  );
}

/** A corner pulled by so many px, the opposite one staying; with a ratio, the height follows. */
function pulled(from: Zone, corner: Corner, dx: number, dy: number, ratio: number | null): Zone {
  const west = corner.endsWith("w");
  const north = corner.startsWith("n");
  const width = Math.max(8, from.width + (west ? -dx : dx));
  const height = ratio ? width / ratio : Math.max(8, from.height + (north ? -dy : dy));
  return {
    x: west ? from.x + from.width - width : from.x,
    y: north ? from.y + from.height - height : from.y,
    width,
    height,
  };
}
