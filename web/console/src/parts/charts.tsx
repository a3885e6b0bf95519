/**
 * Small charts drawn as SVG from the house's colours: hairlines, one scale, a readable table behind each.
 * Values are numbers by day or step; a gap (null) is drawn as a gap.
 */

import { useElementSize } from "@mantine/hooks";
import { scaleBand, scaleLinear } from "d3-scale";
import { area, curveMonotoneX, line } from "d3-shape";
import { type PointerEvent, type ReactNode, useId, useState } from "react";
import { words } from "@/words/shared";
import { useWords } from "@/words/words";
import styles from "./charts.module.css";

export type ChartTone = "primary" | "shown" | "waiting" | "holdout" | "withheld" | "danger" | "muted";

export interface Series {
  name: string;
  tone: ChartTone;
  values: readonly (number | null)[];
  /** Lower and upper bounds, drawn as a band. */
  band?: readonly (readonly [number, number] | null)[];
  dashed?: boolean;
}

/** A trend in the size of a word; `label` says what it shows. */
export function Sparkline({
  values,
  tone = "primary",
  width = 96,
  height = 24,
  label,
  mark = -1,
}: {
  values: readonly number[];
  tone?: ChartTone;
  width?: number;
  height?: number;
  label: string;
  /** The place of the value since which something is different; outside of them for none. */
  mark?: number;
}) {
  if (values.length < 2 || values.every((value) => value === 0)) {
    return (
      <svg className={styles.spark} width={width} height={height} role="img" aria-label={label}>
        <line x1={0} x2={width} y1={height - 2} y2={height - 2} className={styles.base} />
      </svg>
    );
  }
  const x = scaleLinear([0, values.length - 1], [2, width - 3]);
  const y = scaleLinear([0, Math.max(...values)], [height - 2, 3]);
  const last = values.length - 1;
  const at = (value: number, index: number): [number, number] => [x(index), y(value)];
  const points = values.map(at);
  return (
    <svg className={styles.spark} width={width} height={height} role="img" aria-label={label} data-tone={tone}>
      <path
        d={
          area()
            .curve(curveMonotoneX)
            .y0(height - 2)(points) ?? ""
        }
        className={styles.fill}
      />
      {mark >= 0 && mark <= last && <line x1={x(mark)} x2={x(mark)} y1={0} y2={height - 2} className={styles.changed} />}
      <path d={line().curve(curveMonotoneX)(points) ?? ""} className={styles.stroke} />
      <circle cx={x(last)} cy={y(values[last] ?? 0)} r={2} className={styles.dot} />
    </svg>
  );
}

interface ChartProps {
  /** What is shown, for those who cannot see it. */
  label: string;
  /** Below each step: days or hours, already written. */
  steps: readonly string[];
  series: readonly Series[];
  height?: number;
  format?: (value: number) => string;
  /** Marks at a step: a new version, a change. */
  marks?: readonly { step: number; text: string }[];
}

const MARGIN = { top: 12, right: 12, bottom: 26, left: 48 };

/** Lines over time. Pointing at it reads the values out; a table says the same. */
export function LineChart({ label, steps, series, height = 220, format = String, marks = [] }: ChartProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const title = useId();
  const right = Math.max(width - MARGIN.right, MARGIN.left + 1);
  const x = scaleLinear([0, Math.max(steps.length - 1, 1)], [MARGIN.left, right]);
  const highest = Math.max(
    0,
    ...series.flatMap((one) => [...one.values.map((value) => value ?? 0), ...(one.band ?? []).map((band) => band?.[1] ?? 0)]),
  );
  const y = scaleLinear([0, highest || 1], [height - MARGIN.bottom, MARGIN.top]).nice(4);
  const every = Math.max(1, Math.ceil(steps.length / Math.max(2, Math.floor(width / 84))));
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(Math.min(steps.length - 1, Math.max(0, Math.round(x.invert(event.clientX - box.left)))));
  };
  return (
    <ChartFrame label={label} steps={steps} series={series} format={format}>
      <div ref={ref} className={styles.canvas}>
        {width > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-labelledby={title}
            onPointerMove={point}
            onPointerLeave={() => setAt(null)}
          >
            <title id={title}>{label}</title>
            {y.ticks(4).map((tick) => (
              <g key={tick}>
                <line x1={MARGIN.left} x2={right} y1={y(tick)} y2={y(tick)} className={styles.grid} />
                <text x={MARGIN.left - 8} y={y(tick)} dy="0.32em" textAnchor="end" className={styles.tick}>
                  {format(tick)}
                </text>
              </g>
            ))}
            {steps.map((step, index) =>
              index % every === 0 ? (
                <text key={step} x={x(index)} y={height - 6} textAnchor="middle" className={styles.tick}>
                  {step}
                </text>
              ) : null,
            )}
            {marks.map((mark) => (
              <g key={`${mark.step} ${mark.text}`} className={styles.version}>
                <line x1={x(mark.step)} x2={x(mark.step)} y1={MARGIN.top} y2={height - MARGIN.bottom} />
                <text x={x(mark.step) + 4} y={MARGIN.top + 8}>
                  {mark.text}
                </text>
              </g>
            ))}
            {series.map((one) => (
              <g key={one.name} data-tone={one.tone}>
                {one.band && (
                  <path
                    className={styles.band}
                    d={
                      area<readonly [number, number] | null>()
                        .defined((band) => band !== null)
                        .x((_, index) => x(index))
                        .y0((band) => y(band?.[0] ?? 0))
                        .y1((band) => y(band?.[1] ?? 0))(one.band) ?? ""
                    }
                  />
                )}
                <path
                  className={styles.stroke}
                  strokeDasharray={one.dashed ? "4 4" : undefined}
                  d={
                    line<number | null>()
                      .defined((value) => value !== null)
                      .x((_, index) => x(index))
                      .y((value) => y(value ?? 0))(one.values) ?? ""
                  }
                />
                {at !== null && typeof one.values[at] === "number" && (
                  <circle cx={x(at)} cy={y(one.values[at])} r={3.5} className={styles.dot} />
                )}
              </g>
            ))}
            {at !== null && <line x1={x(at)} x2={x(at)} y1={MARGIN.top} y2={height - MARGIN.bottom} className={styles.cursor} />}
          </svg>
        )}
        {at !== null && <Reading step={steps[at] ?? ""} series={series} at={at} format={format} left={x(at)} width={width} />}
      </div>
    </ChartFrame>
  );
}

/** Bars over time or over choices, stacked when there are several series. */
export function Bars({ label, steps, series, height = 180, format = String }: ChartProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const title = useId();
  const right = Math.max(width - MARGIN.right, MARGIN.left + 1);
  const x = scaleBand<number>(
    steps.map((_, index) => index),
    [MARGIN.left, right],
  ).paddingInner(0.28);
  const sums = steps.map((_, index) => series.reduce((sum, one) => sum + (one.values[index] ?? 0), 0));
  const y = scaleLinear([0, Math.max(1, ...sums)], [height - MARGIN.bottom, MARGIN.top]).nice(3);
  const every = Math.max(1, Math.ceil(steps.length / Math.max(2, Math.floor(width / 84))));
  return (
    <ChartFrame label={label} steps={steps} series={series} format={format}>
      <div ref={ref} className={styles.canvas}>
        {width > 0 && (
          <svg width={width} height={height} role="img" aria-labelledby={title} onPointerLeave={() => setAt(null)}>
            <title id={title}>{label}</title>
            {y.ticks(3).map((tick) => (
              <g key={tick}>
                <line x1={MARGIN.left} x2={right} y1={y(tick)} y2={y(tick)} className={styles.grid} />
                <text x={MARGIN.left - 8} y={y(tick)} dy="0.32em" textAnchor="end" className={styles.tick}>
                  {format(tick)}
                </text>
              </g>
            ))}
            {steps.map((step, index) => {
              let below = 0;
              return (
                <g key={step} onPointerEnter={() => setAt(index)}>
                  <rect
                    x={x(index)}
                    width={x.bandwidth()}
                    y={MARGIN.top}
                    height={height - MARGIN.bottom - MARGIN.top}
                    fill="transparent"
                  />
                  {series.map((one) => {
                    const value = one.values[index] ?? 0;
                    below += value;
                    return (
                      <rect
                        key={one.name}
                        data-tone={one.tone}
                        className={styles.bar}
                        x={x(index)}
                        width={x.bandwidth()}
                        y={y(below)}
                        height={Math.max(0, y(below - value) - y(below))}
                        rx={1.5}
                      />
                    );
                  })}
                  {index % every === 0 && (
                    <text x={(x(index) ?? 0) + x.bandwidth() / 2} y={height - 6} textAnchor="middle" className={styles.tick}>
                      {step}
                    </text>
                  )}
                </g>
              );
            })}
          </svg>
        )}
        {at !== null && (
          <Reading
            step={steps[at] ?? ""}
            series={series}
            at={at}
            format={format}
            left={(x(at) ?? 0) + x.bandwidth() / 2}
            width={width}
          />
        )}
      </div>
    </ChartFrame>
  );
}

function Reading({
  step,
  series,
  at,
  format,
  left,
  width,
}: {
  step: string;
  series: readonly Series[];
  at: number;
  format: (value: number) => string;
  left: number;
  width: number;
}) {
  return (
    <div className={styles.reading} style={left > width / 2 ? { right: width - left + 10 } : { left: left + 10 }} aria-hidden>
      <div className={styles.readingStep}>{step}</div>
      {series.map((one) => {
        const value = one.values[at];
        return (
          <div key={one.name} data-tone={one.tone} className={styles.readingLine}>
            <i />
            {one.name}
            <b>{typeof value === "number" ? format(value) : "–"}</b>
          </div>
        );
      })}
    </div>
  );
}

function ChartFrame({
  label,
  steps,
  series,
  format,
  children,
}: Omit<ChartProps, "height"> & { format: (value: number) => string; children: ReactNode }) {
  const { chart } = useWords(words);
  if (!steps.length) return <p className={styles.nothing}>{chart.nothing}</p>;
  return (
    <figure className={styles.figure}>
      {series.length > 1 && (
        <figcaption className={styles.legend}>
          {series.map((one) => (
            <span key={one.name} data-tone={one.tone} data-dashed={one.dashed || undefined}>
              <i />
              {one.name}
            </span>
          ))}
        </figcaption>
      )}
      {children}
      <details className={styles.table}>
        <summary>{chart.table}</summary>
        <table>
          <caption className="visually-hidden">{label}</caption>
          <thead>
            <tr>
              <td />
              {series.map((one) => (
                <th key={one.name} scope="col">
                  {one.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {steps.map((step, index) => (
              <tr key={step}>
                <th scope="row">{step}</th>
                {series.map((one) => {
                  const value = one.values[index];
                  return <td key={one.name}>{typeof value === "number" ? format(value) : "–"}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
