/** The river: sessions as banks, newest first; what happened along it, and messages as leaves. */

import { Button } from "@mantine/core";
import {
  IconBasket,
  IconDots,
  IconEye,
  IconFlag,
  IconForms,
  IconLink,
  IconPackage,
  IconPoint,
  IconReceiptYen,
  IconUserCheck,
  IconUserPlus,
  type TablerIcon,
} from "@tabler/icons-react";
import { type ReactNode, useMemo } from "react";
import { useAnswer } from "@/consents/useAnswer";
import { Mark } from "@/parts/Mark";
import { EmptyState, Loaded, SkeletonRows } from "@/parts/states";
import { about, path } from "@/people/happened";
import type { Names } from "@/people/names";
import { words as people } from "@/people/words";
import type { Formats } from "@/words/format";
import { useWords } from "@/words/words";
import { Hung } from "./Hung";
import { type Bank, banks, type Item, type Moment } from "./moments";
import styles from "./River.module.css";
import { useSought } from "./useSought";
import { AtSecond, Watch } from "./Watch";
import { bend, Water } from "./Water";
import { Withheld } from "./Withheld";
import { words } from "./words";

const ICONS: Readonly<Record<string, TablerIcon>> = {
  view: IconEye,
  product_view: IconPackage,
  cart: IconBasket,
  buy: IconReceiptYen,
  signup: IconUserPlus,
  identify: IconUserCheck,
  attribute: IconForms,
  consent: IconForms,
  merged: IconLink,
};

/** How wide the column of times is; the river runs at its right. */
const TIME = 72;

interface Props {
  query: {
    data: unknown;
    error: unknown;
    refetch: () => unknown;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => unknown;
  };
  moments: readonly Moment[];
  names: Names;
  formats: Formats;
  /** How the person is asked for. */
  name: string;
  /** Whether segments entered and left are known. */
  told: boolean;
}

export function River({ query, moments, names, formats, name, told }: Props) {
  const say = useWords(words);
  const found = useMemo(() => banks(moments), [moments]);
  const sought = useSought(query, found);
  return (
    <div className={styles.river}>
      {!told && <p className="muted">{say.tooLong}</p>}
      <Loaded query={query} skeleton={<SkeletonRows rows={12} height={28} />}>
        {() =>
          found.length === 0 ? (
            <EmptyState title={say.soon} />
          ) : (
            <ol className={styles.banks}>
              {found.map((bank, place) => (
                <OneBank
                  key={bank.session ? `${bank.session} ${place - found.length}` : bank.key}
                  bank={bank}
                  older={found[place + 1]}
                  last={place === found.length - 1 && !query.hasNextPage}
                  names={names}
                  formats={formats}
                  name={name}
                  sought={sought}
                />
              ))}
            </ol>
          )
        }
      </Loaded>
      {query.hasNextPage && (
        <div className={styles.more}>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {say.older}
          </Button>
        </div>
      )}
    </div>
  );
}

function OneBank({
  bank,
  older,
  last,
  names,
  formats,
  name,
  sought,
}: {
  bank: Bank;
  older: Bank | undefined;
  last: boolean;
  names: Names;
  formats: Formats;
  name: string;
  sought: number;
}) {
  const say = useWords(words);
  const head = bank.items[0]?.moment.position ?? 0;
  const tail = older?.items[0]?.moment.position ?? head + 1;
  return (
    <li className={styles.bank}>
      <BankHead bank={bank} formats={formats} first={last} />
      <ol className={styles.rows}>
        {bank.items.map((item, place) => (
          <Row
            key={item.moment.position}
            item={item}
            next={bank.items[place + 1]?.moment.position ?? tail}
            names={names}
            formats={formats}
            name={name}
            sought={item.moment.position === sought}
          />
        ))}
      </ol>
      {older ? (
        <div className={styles.between}>
          <Water from={bend(tail)} to={bend(tail)} thin />
          <Away ms={bank.start - older.end} formats={formats} />
        </div>
      ) : (
        last && (
          <div className={styles.spring}>
            <i style={{ left: TIME + bend(tail) }} aria-hidden />
            <span>{say.source}</span>
          </div>
        )
      )}
    </li>
  );
}

function BankHead({ bank, formats, first }: { bank: Bank; formats: Formats; first: boolean }) {
  const say = useWords(words);
  const when = `${formats.date(bank.start)} (${formats.weekday(bank.start)}) ${formats.time(bank.start)}`;
  const views = formats.number(bank.views);
  const lasted = bank.end - bank.start;
  const visit = lasted >= 1_000 ? say.bank(when, formats.span(lasted), views) : say.justViews(when, views);
  return (
    <header className={styles.head}>
      <h2>{bank.session ? visit : say.outside(when)}</h2>
      <span className={styles.came}>
        {first && <Mark tone="primary">{say.first}</Mark>}
        <Came moment={bank.came} />
      </span>
      {bank.session && <Watch session={bank.session} />}
    </header>
  );
}

/** Where a session came from. */
function Came({ moment }: { moment: Moment | undefined }) {
  const say = useWords(words);
  const values = moment?.values ?? {};
  const utm = values.utm as { source?: string; campaign?: string } | undefined;
  if (values.ad)
    return <Mark tone="waiting">{say.ad([utm?.source, utm?.campaign].filter(Boolean).join(" · ") || String(values.ad))}</Mark>;
  const referrer = values.referrer;
  if (typeof referrer !== "string") return null;
  try {
    const host = new URL(referrer).host;
    return host && host !== values.host ? <Mark>{say.from(host)}</Mark> : null;
  } catch {
    return null;
  }
}

function Row({
  item,
  next,
  names,
  formats,
  name,
  sought,
}: {
  item: Item;
  next: number;
  names: Names;
  formats: Formats;
  name: string;
  sought: boolean;
}) {
  const { moment } = item;
  const here = bend(moment.position);
  return (
    <li
      className={styles.row}
      data-kind={item.kind}
      data-name={moment.name}
      data-position={moment.position}
      data-sought={sought || undefined}
    >
      <Water from={here} to={bend(next)} />
      {item.kind === "event" && <i className={styles.stone} style={{ left: TIME + here }} aria-hidden />}
      <time className={styles.time}>
        <AtSecond session={moment.session ?? ""} at={moment.at}>
          {formats.time(moment.at, true)}
        </AtSecond>
      </time>
      <div className={styles.what}>
        {item.kind === "leaf" ? (
          <Hung leaf={item.leaf} names={names} formats={formats} from={here} />
        ) : item.kind === "goal" ? (
          <Goal moment={moment} names={names} formats={formats} from={here} />
        ) : (
          <Event moment={moment} names={names} formats={formats} name={name} />
        )}
      </div>
    </li>
  );
}

function Event({ moment, names, formats, name }: { moment: Moment; names: Names; formats: Formats; name: string }) {
  const said = useWords(people);
  const answer = useAnswer();
  const values = moment.values ?? {};
  const Icon = ICONS[moment.name] ?? IconPoint;
  const detail = moment.name === "consent" ? answer(values) : about(moment.name, values, formats);
  return (
    <>
      <div className={styles.line}>
        <span className={styles.did}>
          <Icon size={16} stroke={1.5} aria-hidden />
          {names.did(moment.name)}
        </span>
        {detail && <b className={styles.detail}>{detail}</b>}
        {moment.name === "view" && <span className={styles.path}>{path(values.url)}</span>}
        {moment.test && <Mark tone="waiting">{said.test}</Mark>}
        {moment.name !== "view" && Object.keys(values).length > 0 && <Values values={values} />}
        {(moment.gates ?? []).length > 0 && <Withheld moment={moment} names={names} formats={formats} name={name} />}
      </div>
      <Changes moment={moment} names={names} />
    </>
  );
}

function Values({ values }: { values: Readonly<Record<string, unknown>> }) {
  const say = useWords(words);
  return (
    <details className={styles.values}>
      <summary aria-label={say.values} title={say.values}>
        <IconDots size={15} stroke={1.6} aria-hidden />
      </summary>
      <dl>
        {Object.entries(values).map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** Segments that the person went into or out of by this. */
function Changes({ moment, names }: { moment: Moment; names: Names }): ReactNode {
  const say = useWords(words);
  const entered = moment.entered ?? [];
  const left = moment.left ?? [];
  if (!entered.length && !left.length) return null;
  return (
    <ul className={styles.changes}>
      {entered.map((one) => (
        <li key={`in ${one}`} data-way="in">
          <span>{say.entered}</span> {names.segment(one)}
        </li>
      ))}
      {left.map((one) => (
        <li key={`out ${one}`} data-way="out">
          <span>{say.left}</span> {names.segment(one)}
        </li>
      ))}
    </ul>
  );
}

function Goal({ moment, names, formats, from }: { moment: Moment; names: Names; formats: Formats; from: number }) {
  const say = useWords(words);
  const values = moment.values ?? {};
  const worth = values.value;
  return (
    <div className={styles.goal} data-holdout={values.holdout === true || undefined}>
      <span className={styles.stalk} style={{ left: from - 102, width: 96 - from }} aria-hidden />
      <IconFlag size={17} stroke={1.7} aria-hidden />
      <b>{say.goal(names.campaign(String(values.campaign ?? "")))}</b>
      {typeof worth === "number" && <span>{say.goalValue(formats.number(worth))}</span>}
      {values.holdout === true && <span>{say.heldOut}</span>}
    </div>
  );
}

/** How long somebody was away between two visits. */
function Away({ ms, formats }: { ms: number; formats: Formats }) {
  const { away: say } = useWords(words);
  const minutes = Math.max(0, Math.round(ms / 60_000));
  const hours = Math.round(minutes / 60);
  const days = Math.round(hours / 24);
  const number = (value: number) => formats.number(value);
  return (
    <span>{minutes < 60 ? say.minutes(number(minutes)) : hours < 36 ? say.hours(number(hours)) : say.days(number(days))}</span>
  );
}
