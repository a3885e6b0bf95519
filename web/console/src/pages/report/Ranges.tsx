/** How large each difference may be: an estimate, its 95 % range, and the line of no difference. */

import { useElementSize } from "@mantine/hooks";
import { scaleLinear } from "d3-scale";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Ranges.module.css";
import { type Report, toneOf, useArmName } from "./report";
import { words } from "./words";

const ROW = 46;

export function Ranges({ report }: { report: Report }) {
  const say = useWords(words).verdict;
  const arms = useWords(words).arms;
  const { number } = useFormats();
  const name = useArmName(report.arms);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const signed = (value: number, digits: number) =>
    `${value > 0 ? "+" : value < 0 ? "−" : "±"}${number(Math.abs(value), digits)}`;
  const points = (value: number) => say.points(signed(value * 100, Math.abs(value) < 0.001 ? 2 : 1));
  const worth = report.values ? report.proof.main?.value : null;
  const all = [report.proof.main, ...report.proof.others].flatMap((one) =>
    one?.difference ? [{ ...one, found: one.difference }] : [],
  );
  const called = (actions: readonly string[]) =>
    actions.every((one) => report.arms.find((arm) => arm.action === one)?.holdout) ? arms.holdout : actions.map(name).join("・");
  const ends = all.flatMap((one) => [one.found.low, one.found.high, 0]);
  const x = scaleLinear([Math.min(...ends), Math.max(...ends)], [8, Math.max(width - 8, 9)]).nice(4);
  return (
    <figure className={styles.figure}>
      <figcaption>{say.difference}</figcaption>
      <div ref={ref} className={styles.rows}>
        {width > 0 && (
          <svg width={width} height={all.length * ROW + 24} className={styles.ground} aria-hidden>
            {x.ticks(4).map((tick) => (
              <g key={tick}>
                <line x1={x(tick)} x2={x(tick)} y1={0} y2={all.length * ROW} className={tick === 0 ? styles.zero : styles.grid} />
                <text x={x(tick)} y={all.length * ROW + 16} textAnchor="middle" className={styles.tick}>
                  {number(tick * 100, 0)}
                </text>
              </g>
            ))}
            {all.map((one, row) => (
              <g
                key={`${one.arm.actions.join()} ${one.base.actions.join()}`}
                data-tone={one.arm.actions.length > 1 ? "shown" : toneOf(report.arms, one.arm.actions[0] ?? "")}
              >
                <line
                  x1={x(one.found.low)}
                  x2={x(one.found.high)}
                  y1={row * ROW + 34}
                  y2={row * ROW + 34}
                  className={styles.range}
                />
                <circle cx={x(one.found.estimate)} cy={row * ROW + 34} r={row === 0 ? 6 : 4.5} className={styles.dot} />
              </g>
            ))}
          </svg>
        )}
        {all.map((one, row) => (
          <p key={`${one.arm.actions.join()} ${one.base.actions.join()}`} className={styles.words} style={{ top: row * ROW }}>
            <span>
              {called(one.arm.actions)} − {called(one.base.actions)}
            </span>
            <b>{points(one.found.estimate)}</b>
            <span className={styles.ends}>{say.range(points(one.found.low), points(one.found.high))}</span>
          </p>
        ))}
        <div style={{ height: all.length * ROW + 24 }} />
      </div>
      {worth && (
        <p className={styles.worth}>
          {say.value} <b>{signed(worth.estimate, 1)}</b> {say.range(signed(worth.low, 1), signed(worth.high, 1))}
        </p>
      )}
    </figure>
  );
}
