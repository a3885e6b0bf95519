/**
 * The gates as one narrowing stream, from whoever came to whoever reached the goal, and the holdout flowing beside it.
 * Everything has the same scale: so many people, so wide. Rows are HTML, so that every number is a link and can be read aloud;
 * the water behind them is one drawing.
 */

import { useElementSize } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useNames } from "@/people/names";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import { type Report, useCell } from "./report";
import styles from "./Stream.module.css";
import { words } from "./words";

const ROW = 52;
const NARROW = 640;
/** Thinner than this nobody sees it. */
const THINNEST = 1.5;

const CURRENTS = [0.22, 0.47, 0.74];

interface Gate {
  key: string;
  label: string;
  people: number;
  stopped: number;
}

export function Stream({ report }: { report: Report }) {
  const say = useWords(words).stream;
  const names = useNames();
  const cell = useCell();
  const { number, percent } = useFormats();
  const { ref, width } = useElementSize<HTMLOListElement>();
  const gates: Gate[] = report.stream
    .filter((one) => one.gate !== "shown" && one.gate !== "holdout" && one.stopped > 0)
    .map((one) => ({ key: one.gate, label: names.gate(one.gate), people: one.reached, stopped: one.stopped }));
  const passed = report.came - gates.reduce((sum, gate) => sum + gate.stopped, 0);
  const { message, holdout } = report;
  const beside = holdout.shown > 0;
  const asks = report.goal !== null;
  const rows = 1 + gates.length + 3 + (message.clicked > 0 ? 1 : 0);
  const goalRow = rows - 1;
  const shownRow = gates.length + 2;

  const left = width < NARROW ? 8 : 200;
  const widest = Math.max(80, width < NARROW ? width * 0.3 : Math.min(360, width * 0.34));
  const wide = (people: number) => (people > 0 ? Math.max(THINNEST, (people / Math.max(report.came, 1)) * widest) : 0);
  const middle = (row: number) => row * ROW + ROW / 2;
  const shore = left + widest + (width < NARROW ? 12 : 32);
  const apart = wide(message.shown) + (width < NARROW ? 14 : 40);

  /** A line in the water, so far from its left shore. */
  const current = (place: number) => {
    const widths = [...gates.map((gate) => wide(gate.people)), wide(passed), wide(passed)];
    return widths.reduce((path, wideHere, row) => {
      const [x, y] = [left + (row ? wideHere : wide(report.came)) * place, middle(row)];
      const before = left + (widths[row - 1] ?? 0) * place;
      return row ? `${path}C${before} ${y - ROW / 2} ${x} ${y - ROW / 2} ${x} ${y}` : `M${x} ${y - 18}L${x} ${y}`;
    }, "");
  };

  const link = (query: Record<string, string>, children: ReactNode) => {
    const to = cell(query);
    return to ? (
      <Link to={to} className={styles.link}>
        {children}
      </Link>
    ) : (
      <span>{children}</span>
    );
  };

  return (
    <div className={styles.whole}>
      {width > 0 && (
        <svg className={styles.water} width={width} height={rows * ROW} aria-hidden>
          <path className={styles.main} d={band(left, middle(0) - 18, left, middle(0), wide(report.came), wide(report.came))} />
          {gates.map((gate, index) => {
            const [above, here] = [middle(index), middle(index + 1)];
            const after = gate.people - gate.stopped;
            return (
              <g key={gate.key}>
                <path className={styles.leaf} d={leaf(left + wide(after), here, wide(gate.stopped), shore)} />
                <path className={styles.main} d={band(left, above, left, here, wide(gate.people), wide(after))} />
              </g>
            );
          })}
          <path
            className={styles.main}
            d={band(left, middle(gates.length), left, middle(gates.length + 1), wide(passed), wide(passed))}
          />
          {CURRENTS.map((place) => (
            <path key={place} className={styles.current} d={current(place)} />
          ))}
          <path
            className={styles.shown}
            d={band(
              left,
              middle(shownRow - 1),
              left,
              middle(shownRow),
              wide(passed) * part(message.shown, holdout.shown),
              wide(message.shown),
            )}
          />
          {beside && (
            <path
              className={styles.held}
              d={band(
                left + wide(passed) * part(message.shown, holdout.shown),
                middle(shownRow - 1),
                left + apart,
                middle(shownRow),
                wide(passed) * part(holdout.shown, message.shown),
                wide(holdout.shown),
              )}
            />
          )}
          <path
            className={styles.shown}
            d={band(
              left,
              middle(shownRow),
              left,
              middle(goalRow),
              wide(message.shown),
              asks ? wide(message.achieved) : wide(message.shown),
            )}
          />
          {message.clicked > 0 && (
            <path
              className={styles.clicked}
              d={
                band(left, middle(shownRow), left, middle(shownRow + 1), wide(message.clicked), wide(message.clicked)) +
                band(
                  left,
                  middle(shownRow + 1),
                  left,
                  middle(goalRow),
                  wide(message.clicked),
                  asks ? Math.min(wide(message.clicked), wide(message.achieved)) : 0,
                )
              }
            />
          )}
          {beside && asks && (
            <path
              className={styles.held}
              d={band(left + apart, middle(shownRow), left + apart, middle(goalRow), wide(holdout.shown), wide(holdout.achieved))}
            />
          )}
        </svg>
      )}
      <ol className={styles.rows} ref={ref} style={{ ["--shore" as string]: `${shore}px`, ["--row" as string]: `${ROW}px` }}>
        <li className={styles.row}>
          <span className={styles.through} />
          <span className={styles.told}>
            <b className={styles.much}>{link({ what: "came" }, say.people(number(report.came)))}</b>
            <span className={styles.what}>{say.came}</span>
          </span>
        </li>
        {gates.map((gate) => (
          <li key={gate.key} className={styles.row} data-leaf>
            <span className={styles.through}>{link({ what: "reached", gate: gate.key }, say.people(number(gate.people)))}</span>
            <span className={styles.told}>
              <b className={styles.much}>{link({ what: "stopped", gate: gate.key }, say.stopped(number(gate.stopped)))}</b>
              <span className={styles.what}>{gate.label}</span>
            </span>
          </li>
        ))}
        <li className={styles.row}>
          <span className={styles.through} />
          <span className={styles.told}>
            <b className={styles.much}>{link({ what: "reached", gate: "shown" }, say.people(number(passed)))}</b>
            <span className={styles.what}>{say.passed}</span>
          </span>
        </li>
        <li className={styles.row}>
          <span className={styles.through} />
          <Pair>
            <span data-side="message">
              <b className={styles.much}>{link({ what: "shown", side: "message" }, say.people(number(message.shown)))}</b>
              <span className={styles.what}>{say.shown}</span>
            </span>
            {beside && (
              <span data-side="holdout">
                <b className={styles.much}>{link({ what: "shown", side: "holdout" }, say.people(number(holdout.shown)))}</b>
                <span className={styles.what}>{say.held}</span>
              </span>
            )}
          </Pair>
        </li>
        {message.clicked > 0 && (
          <li className={styles.row}>
            <span className={styles.through} />
            <Pair>
              <span data-side="message">
                <b className={styles.much}>{link({ what: "clicked", side: "message" }, say.people(number(message.clicked)))}</b>
                <span className={styles.what}>
                  {say.clicked} {message.shown > 0 && percent(message.clicked / message.shown)}
                </span>
              </span>
            </Pair>
          </li>
        )}
        {asks && (
          <li className={styles.row} data-end>
            <span className={styles.through} />
            <Pair>
              <span data-side="message">
                <b className={styles.much}>
                  {message.judged > 0 ? percent(message.achieved / message.judged) : "–"}{" "}
                  {link({ what: "goal", side: "message" }, say.people(number(message.achieved)))}
                </b>
                <span className={styles.what}>{say.goal}</span>
              </span>
              {beside && (
                <span data-side="holdout">
                  <b className={styles.much}>
                    {holdout.judged > 0 ? percent(holdout.achieved / holdout.judged) : "–"}{" "}
                    {link({ what: "goal", side: "holdout" }, say.people(number(holdout.achieved)))}
                  </b>
                  <span className={styles.what}>{say.goal}</span>
                </span>
              )}
            </Pair>
          </li>
        )}
      </ol>
    </div>
  );
}

function Pair({ children }: { children: ReactNode }) {
  return <span className={`${styles.told} ${styles.pair}`}>{children}</span>;
}

/** One's share of both. */
function part(one: number, other: number): number {
  return one + other > 0 ? one / (one + other) : 1;
}

/** Water from one place to another, so wide above and so wide below. */
function band(x: number, top: number, toX: number, bottom: number, above: number, below: number): string {
  const bend = (bottom - top) / 2;
  return [
    `M${x} ${top}`,
    `C${x} ${top + bend} ${toX} ${bottom - bend} ${toX} ${bottom}`,
    `L${toX + below} ${bottom}`,
    `C${toX + below} ${bottom - bend} ${x + above} ${top + bend} ${x + above} ${top}Z`,
  ].join("");
}

/** What leaves the stream at a gate: as thick as its people where it leaves, and gone where its words stand. */
function leaf(edge: number, bottom: number, people: number, end: number): string {
  const half = Math.min(people, ROW - 8) / 2;
  const from = edge - 4;
  const level = bottom - Math.max(half, 10);
  const reach = (end - from) * 0.45;
  return [
    `M${from} ${level - half}`,
    `C${from + reach} ${level - half} ${end - reach} ${bottom} ${end} ${bottom}`,
    `C${end - reach} ${bottom} ${from + reach} ${level + half} ${from} ${level + half}Z`,
  ].join("");
}
