/** People by a word or by a rule, the latest first, in the columns one wants to see. */

import { Button, Checkbox, Popover, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconColumns3, IconDownload, IconFilter, IconHeadset, IconSearch, IconUsers, IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { peopleFound } from "@/api/asked";
import { api, ask } from "@/api/client";
import { Page } from "@/parts/Page";
import { EmptyState, Loaded, SkeletonRows } from "@/parts/states";
import { showDone, showFailure } from "@/parts/toast";
import { save } from "@/people/save";
import { asSupportCode, words as codeWords, spoken, useSupportCode } from "@/people/supportCode";
import { RuleBuilder } from "@/rules/LateRuleBuilder";
import { RuleSentence } from "@/rules/RuleSentence";
import type { Rule } from "@/rules/tree";
import { useReading, useRuleWords } from "@/rules/vocabulary";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useLanguage, useWords } from "@/words/words";
import { List } from "./List";
import styles from "./People.module.css";
import { Saved } from "./Saved";
import { ATTRIBUTE, columnsOf, isNarrow, type Looking, PLAIN, useLooking } from "./search";
import { words } from "./words";

export default function People() {
  const say = useWords(words);
  const project = useProject();
  const formats = useFormats(project.time_zone);
  const [looking, look] = useLooking();
  const narrow = isNarrow(looking.rule);
  const [open, setOpen] = useState(narrow);
  const columns = columnsOf(looking);
  const rule = useWhole(project.id, looking.rule);
  const query = useInfiniteQuery({
    ...peopleFound(project.id, looking.text, rule),
    placeholderData: (before) => before,
  });
  const first = query.data?.pages[0];
  const people = query.data?.pages.flatMap((page) => page.people) ?? [];
  const total = first?.total ?? people.length;
  const lead = first
    ? people.length < total
      ? say.leadPart(formats.number(total), formats.number(people.length), formats.time(first.at))
      : say.lead(formats.number(total), formats.time(first.at))
    : undefined;
  return (
    <Page
      wide
      title={say.title}
      lead={lead}
      actions={
        <>
          <Saved looking={looking} look={look} />
          <Columns columns={columns} choose={(to) => look({ ...looking, columns: to.join(",") })} />
          <Csv looking={looking} columns={columns} />
        </>
      }
    >
      <div className={styles.tools}>
        <Text looking={looking} look={look} />
        <OpenByCode typed={looking.text ?? ""} />
        <Button
          variant="default"
          leftSection={<IconFilter size={16} stroke={1.6} />}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {say.narrow}
        </Button>
      </div>
      {open && (
        <section className={styles.rule} aria-label={say.narrowing}>
          <RuleBuilder project={project.id} value={looking.rule} onChange={(rule) => look({ ...looking, rule })} />
        </section>
      )}
      {narrow && (
        <p className={styles.sentence}>
          <RuleSentence project={project.id} rule={looking.rule} />
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconX size={14} />}
            onClick={() => {
              look({ ...looking, rule: undefined });
              setOpen(false);
            }}
          >
            {say.clear}
          </Button>
        </p>
      )}
      <Loaded query={query} skeleton={<SkeletonRows rows={10} height={32} />}>
        {() =>
          people.length === 0 ? (
            <EmptyState icon={<IconUsers size={32} stroke={1.4} />} title={narrow || looking.text ? say.none : say.nobody}>
              {narrow || looking.text ? say.noneHelp : say.nobodyHelp}
            </EmptyState>
          ) : (
            <>
              <div data-stale={query.isPlaceholderData || rule !== looking.rule || undefined} className={styles.list}>
                <List people={people} columns={columns} formats={formats} />
              </div>
              {query.hasNextPage && (
                <div className={styles.more}>
                  <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    {say.more}
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

/** The rule as it was when it last could be read: while it is being written, the people of before stay. */
function useWhole(project: string, rule: Rule | undefined): Rule | undefined {
  const [whole, setWhole] = useState(rule);
  const { data, isPlaceholderData } = useReading(project, rule ?? [], "person");
  const readable = data !== undefined && !isPlaceholderData && data.problems.length === 0;
  useEffect(() => {
    if (readable || !isNarrow(rule)) setWhole(rule);
  }, [readable, rule]);
  return whole;
}

function Text({ looking, look }: { looking: Looking; look: (to: Looking) => void }) {
  const say = useWords(words);
  const [text, setText] = useState(looking.text ?? "");
  const asked = useDebouncedCallback((to: string) => look({ ...looking, text: to.trim() || undefined }), 250);
  useEffect(() => setText((typed) => (typed.trim() === (looking.text ?? "") ? typed : (looking.text ?? ""))), [looking.text]);
  return (
    <TextInput
      className={styles.text}
      value={text}
      type="search"
      placeholder={say.search}
      aria-label={say.search}
      leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
      onChange={(event) => {
        setText(event.currentTarget.value);
        asked(event.currentTarget.value);
      }}
    />
  );
}

/** Six digits may be a code that somebody just read out. */
function OpenByCode({ typed }: { typed: string }) {
  const say = useWords(codeWords);
  const project = useProject();
  const look = useSupportCode(project.id);
  const code = asSupportCode(typed);
  if (!code) return null;
  return (
    <Button leftSection={<IconHeadset size={16} stroke={1.6} />} loading={look.isPending} onClick={() => look.mutate(code)}>
      {say.open(spoken(code))}
    </Button>
  );
}

function Columns({ columns, choose }: { columns: readonly string[]; choose: (to: readonly string[]) => void }) {
  const say = useWords(words);
  const project = useProject();
  const { data } = useRuleWords(project.id);
  const attributes = (data?.attributes ?? []).map((one) => ATTRIBUTE + one.path);
  const all = [...PLAIN, ...attributes];
  const toggle = (column: string) =>
    choose(
      columns.includes(column)
        ? columns.filter((one) => one !== column)
        : all.filter((one) => one === column || columns.includes(one)),
    );
  return (
    <Popover position="bottom-end" withinPortal width={264} trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={16} stroke={1.6} />}>
          {say.columns}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.columns}>
        {PLAIN.map((column) => (
          <Checkbox
            key={column}
            label={say.names[column]}
            checked={columns.includes(column)}
            onChange={() => toggle(column)}
            size="xs"
          />
        ))}
        {attributes.length > 0 && <div className={styles.columnsHead}>{say.attributes}</div>}
        {attributes.map((column) => (
          <Checkbox
            key={column}
            label={column.slice(ATTRIBUTE.length)}
            checked={columns.includes(column)}
            onChange={() => toggle(column)}
            size="xs"
          />
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}

function Csv({ looking, columns }: { looking: Looking; columns: readonly string[] }) {
  const say = useWords(words);
  const project = useProject();
  const language = useLanguage();
  const download = useMutation({
    mutationFn: async () => {
      const file = await ask(
        api.POST("/api/projects/{project}/people/csv", {
          params: { path: { project: project.id } },
          body: {
            columns: ["person", `${ATTRIBUTE}name`, ...columns],
            text: looking.text ?? "",
            rule: looking.rule ?? [],
            language,
          },
          parseAs: "blob",
        }),
      );
      save(file as unknown as Blob, `people-${project.id}.csv`);
    },
    onSuccess: () => showDone(say.csvDone),
    onError: showFailure,
  });
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} stroke={1.6} />}
      loading={download.isPending}
      onClick={() => download.mutate()}
    >
      {say.csv}
    </Button>
  );
}
