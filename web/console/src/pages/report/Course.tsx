/** The difference as it stood at the end of each day, inside the range that holds on every day at once. */

import { useElementSize } from "@mantine/hooks";
import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./Ranges.module.css";
import type { Report } from "./report";
import { words } from "./words";

const HEIGHT = 190;
const MARGIN = { top: 8, right: 8, bottom: 22, left: 40 };

export function Course({ report }: { report: Report }) {
  const say = useWords(words).verdict;
  const { number, day } = useFormats();
  const { ref, width } = useElementSize<HTMLDivElement>();
  const course = report.proof.course.flatMap((one) => (one.difference ? [{ day: one.day, ...one.difference }] : []));
  if (course.length < 2) return null;
  const ends = course.flatMap((one) => [one.low, one.high]);
  // The first days know next to nothing: the scale is that of the later half.
  const late = course.slice(Math.floor(course.length / 2)).flatMap((one) => [one.low, one.high]);
  const reach = Math.min(Math.max(...ends.map(Math.abs)), 1.6 * Math.max(...late.map(Math.abs)));
  const right = Math.max(width - MARGIN.right, MARGIN.left + 1);
  const x = scaleLinear([0, course.length - 1], [MARGIN.left, right]);
  const y = scaleLinear([-reach, reach], [HEIGHT - MARGIN.bottom, MARGIN.top]).clamp(true);
  const every = Math.max(1, Math.ceil(course.length / Math.max(2, Math.floor(width / 90))));
  return (
    <figure className={styles.figure}>
      <figcaption>
        {say.course}
        <br />
        {say.courseNote}
      </figcaption>
      <div ref={ref} style={{ height: HEIGHT }}>
        {width > 0 && (
          <svg width={width} height={HEIGHT} role="img" aria-label={say.course}>
            {y.ticks(5).map((tick) => (
              <g key={tick}>
                <line x1={MARGIN.left} x2={right} y1={y(tick)} y2={y(tick)} className={tick === 0 ? styles.zero : styles.grid} />
                <text x={MARGIN.left - 8} y={y(tick)} dy="0.32em" textAnchor="end" className={styles.tick}>
                  {`${tick > 0 ? "+" : ""}${number(tick * 100, reach < 0.02 ? 1 : 0)}`}
                </text>
              </g>
            ))}
            <path
              className={styles.band}
              d={
                area<(typeof course)[number]>()
                  .x((_, index) => x(index))
                  .y0((one) => y(one.low))
                  .y1((one) => y(one.high))(course) ?? ""
              }
            />
            <path
              className={styles.line}
              d={
                line<(typeof course)[number]>()
                  .x((_, index) => x(index))
                  .y((one) => y(one.estimate))(course) ?? ""
              }
            />
            {course.map((one, index) =>
              index % every === 0 ? (
                <text key={one.day} x={x(index)} y={HEIGHT - 6} textAnchor="middle" className={styles.tick}>
                  {day(one.day)}
                </text>
              ) : null,
            )}
          </svg>
        )}
      </div>
    </figure>
  );
}
