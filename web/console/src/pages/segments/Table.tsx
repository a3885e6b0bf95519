/** One content table as a grid: typed, pasted, or read from CSV. */

import { ActionIcon, Button, Checkbox, FileButton, Group, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { IconColumnInsertRight, IconFileImport, IconRowInsertBottom, IconSearch, IconTrash, IconX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ClipboardEvent, type KeyboardEvent, useMemo, useRef, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { Page } from "@/parts/Page";
import { ProblemList } from "@/parts/ProblemList";
import { Loaded, SkeletonBlock } from "@/parts/states";
import { showFailure, showUndo } from "@/parts/toast";
import { UnsavedGuard } from "@/parts/unsaved";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import { Uses, Versions } from "./About";
import { Dispute } from "./Dispute";
import { DraftNote } from "./DraftNote";
import { type ColumnType, EMPTY, type Grid, pasted, type Row, read, written, wrongIn } from "./grid";
import { type Told, useDocument, useSaving } from "./saving";
import styles from "./segments.module.css";
import { words } from "./words";

const SHOWN = 100;

export default function Table() {
  const { table = "new" } = useParams({ strict: false }) as { table?: string };
  const project = useProject();
  const query = useDocument(project.id, "tables", table);
  return (
    <Loaded query={query} skeleton={<SkeletonBlock height={360} />}>
      {(told) => <Editor key={`${table} ${told?.changed_in ?? 0} ${told?.draft?.revision ?? 0}`} id={table} told={told} />}
    </Loaded>
  );
}

function Editor({ id, told }: { id: string; told: Told | null }) {
  const all = useWords(words);
  const say = all.tables;
  const project = useProject();
  const format = useFormats();
  const navigate = useNavigate();
  const may = useMay("edit");
  const start = useMemo(() => (told ? read(told.draft?.document ?? told.document) : EMPTY), [told]);
  const [grid, setGrid] = useState<Grid>(start);
  const [name, setName] = useState("");
  const [touched, setTouched] = useState(false);
  const [importing, setImporting] = useState(false);
  const saving = useSaving(project.id, "tables");
  const saved = useRef(false);
  const latest = useRef(grid);
  latest.current = grid;
  const isNew = told === null;
  const target = isNew ? name : id;
  const bad = isNew && !/^[A-Za-z0-9_-]{1,64}$/.test(name);
  const dirty = grid !== start;
  const wrong = useMemo(() => wrongIn(grid), [grid]);

  const save = async (theirs?: number, whole: unknown = written(grid)) => {
    setTouched(true);
    if (bad || wrong.length) return;
    saved.current = true;
    const done = await saving.save(target, whole, told, theirs);
    saved.current = done;
    if (done && isNew) await navigate({ to: `/p/${project.id}/tables/${target}`, replace: true });
  };
  const replace = (next: Grid) => {
    const before = latest.current;
    setGrid(next);
    setImporting(false);
    showUndo(say.replaced, () => setGrid(before));
  };
  return (
    <Page
      title={isNew ? name || say.untitled : id}
      crumbs={[{ label: say.title, to: `/p/${project.id}/tables` }]}
      wide
      actions={
        may && (
          <>
            <Button variant="default" leftSection={<IconFileImport size={16} stroke={1.6} />} onClick={() => setImporting(true)}>
              {say.paste}
            </Button>
            {!isNew && told?.document && (
              <Button
                variant="subtle"
                color="gray"
                leftSection={<IconTrash size={16} stroke={1.6} />}
                loading={saving.busy}
                onClick={async () => {
                  saved.current = true;
                  if (await saving.remove(id, id, told)) await navigate({ to: `/p/${project.id}/tables` });
                  else saved.current = false;
                }}
              >
                {all.remove}
              </Button>
            )}
            <Button loading={saving.busy} disabled={!dirty && !told?.draft} onClick={() => void save()}>
              {told?.approval ? all.send : all.save}
            </Button>
          </>
        )
      }
    >
      <UnsavedGuard dirty={dirty && may && !saved.current} />
      <Dispute
        dispute={saving.dispute}
        onClose={saving.settled}
        onMine={(dispute) => {
          saving.settled();
          void save(dispute.draft?.revision ?? 0, dispute.document);
        }}
        onTheirs={(dispute) => {
          saving.settled();
          if (dispute.draft) setGrid(read(dispute.draft.document));
        }}
      />
      {told?.draft && <DraftNote kind="tables" id={id} told={told} saving={saving} />}
      <ProblemList problems={saving.problems} />
      {isNew && (
        <TextInput
          label={say.name}
          description={say.nameHint}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={touched && bad ? say.nameWrong : undefined}
          maw={320}
          mb="md"
        />
      )}
      {wrong.length > 0 && touched && (
        <p className={styles.wrong} role="alert">
          {say.wrong(format.number(wrong.length))}{" "}
          {wrong
            .slice(0, 5)
            .map(
              (one) =>
                `${say.cell(grid.rows[one.row]?.key || format.number(one.row + 1), one.column || say.key)}: ${say[one.what]}`,
            )
            .join(" / ")}
        </p>
      )}
      <Cells
        grid={grid}
        onChange={setGrid}
        wrong={new Map(wrong.map((one) => [`${one.row} ${one.column}`, say[one.what]]))}
        readOnly={!may}
      />
      {!isNew && told?.document !== null && (
        <div className={styles.two}>
          <Uses kind="tables" id={id} />
          <Versions kind="tables" id={id} />
        </div>
      )}
      <Modal opened={importing} onClose={() => setImporting(false)} title={say.paste} size="xl">
        <Import keyTitle={grid.keyTitle} onRead={replace} />
      </Modal>
    </Page>
  );
}

function Cells({
  grid,
  onChange,
  wrong,
  readOnly,
}: {
  grid: Grid;
  onChange: (grid: Grid) => void;
  wrong: ReadonlyMap<string, string>;
  readOnly: boolean;
}) {
  const say = useWords(words).tables;
  const format = useFormats();
  const [search, setSearch] = useState("");
  const [most, setMost] = useState(SHOWN);
  const box = useRef<HTMLTableElement>(null);
  const wanted = search.trim().toLowerCase();
  const places = grid.rows
    .map((row, place) => ({ row, place }))
    .filter(({ row }) => !wanted || [row.key, ...Object.values(row.cells)].some((text) => text.toLowerCase().includes(wanted)));
  const put = (place: number, change: Partial<Row>) =>
    onChange({ ...grid, rows: grid.rows.map((row, at) => (at === place ? { ...row, ...change } : row)) });
  const moved = (event: KeyboardEvent<HTMLInputElement>, place: number, column: number) => {
    const step = event.key === "ArrowDown" || event.key === "Enter" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step || event.nativeEvent.isComposing) return;
    const next = box.current?.querySelector<HTMLInputElement>(`[data-cell="${place + step} ${column}"]`);
    if (next) {
      event.preventDefault();
      next.focus();
      next.select();
    }
  };
  const paste = (event: ClipboardEvent<HTMLInputElement>, place: number, column: number) => {
    const text = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "");
    if (!/[\t\n]/.test(text)) return;
    event.preventDefault();
    onChange(
      pasted(
        grid,
        place,
        column,
        text.split("\n").map((line) => line.split("\t")),
      ),
    );
  };
  return (
    <>
      {grid.rows.length > 12 && (
        <div className={styles.tools}>
          <TextInput
            aria-label={say.search}
            placeholder={say.search}
            leftSection={<IconSearch size={15} stroke={1.6} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            w={260}
          />
          <span className={styles.fresh}>
            {say.shown(format.number(Math.min(most, places.length)), format.number(grid.rows.length))}
          </span>
        </div>
      )}
      <div className={styles.sheet}>
        <table ref={box}>
          <thead>
            <tr>
              <th scope="col">
                <span className={styles.keyTitle}>{grid.keyTitle ?? say.key}</span>
                <small>{say.keyHint}</small>
              </th>
              {grid.columns.map((column, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: its name is what is being typed
                <th scope="col" key={at}>
                  <div className={styles.columnHead}>
                    <input
                      aria-label={say.column}
                      value={column.name}
                      readOnly={readOnly}
                      onChange={(event) => onChange(renamed(grid, at, event.currentTarget.value))}
                    />
                    {!readOnly && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={say.removeColumn(column.name)}
                        onClick={() => onChange({ ...grid, columns: grid.columns.filter((_, one) => one !== at) })}
                      >
                        <IconX size={14} stroke={1.6} />
                      </ActionIcon>
                    )}
                  </div>
                  <Select
                    size="xs"
                    variant="unstyled"
                    aria-label={say.type}
                    value={column.type}
                    readOnly={readOnly}
                    data={(["text", "number", "flag"] as const).map((type) => ({ value: type, label: say.types[type] }))}
                    allowDeselect={false}
                    onChange={(type) =>
                      onChange({
                        ...grid,
                        columns: grid.columns.map((one, place) => (place === at ? { ...one, type: type as ColumnType } : one)),
                      })
                    }
                  />
                </th>
              ))}
              <th aria-hidden />
            </tr>
          </thead>
          <tbody>
            {places.slice(0, most).map(({ row, place }) => (
              <tr key={place}>
                <th scope="row">
                  <input
                    aria-label={say.key}
                    data-cell={`${place} -1`}
                    value={row.key}
                    readOnly={readOnly}
                    aria-invalid={wrong.has(`${place} `) || undefined}
                    title={wrong.get(`${place} `)}
                    onKeyDown={(event) => moved(event, place, -1)}
                    onPaste={(event) => paste(event, place, -1)}
                    onChange={(event) => put(place, { key: event.currentTarget.value })}
                  />
                </th>
                {grid.columns.map((column, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as in the head
                  <td key={at} data-type={column.type}>
                    {column.type === "flag" ? (
                      <Checkbox
                        aria-label={say.cell(row.key, column.name)}
                        checked={(row.cells[column.name] ?? "").toLowerCase() === "true"}
                        disabled={readOnly}
                        onChange={(event) =>
                          put(place, { cells: { ...row.cells, [column.name]: String(event.currentTarget.checked) } })
                        }
                      />
                    ) : (
                      <input
                        aria-label={say.cell(row.key, column.name)}
                        data-cell={`${place} ${at}`}
                        inputMode={column.type === "number" ? "decimal" : undefined}
                        value={row.cells[column.name] ?? ""}
                        readOnly={readOnly}
                        aria-invalid={wrong.has(`${place} ${column.name}`) || undefined}
                        title={wrong.get(`${place} ${column.name}`)}
                        onKeyDown={(event) => moved(event, place, at)}
                        onPaste={(event) => paste(event, place, at)}
                        onChange={(event) => put(place, { cells: { ...row.cells, [column.name]: event.currentTarget.value } })}
                      />
                    )}
                  </td>
                ))}
                <td className={styles.rowEnd}>
                  {!readOnly && (
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={say.removeRow(row.key)}
                      onClick={() => onChange({ ...grid, rows: grid.rows.filter((_, at) => at !== place) })}
                    >
                      <IconX size={15} stroke={1.6} />
                    </ActionIcon>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!grid.rows.length && <p className={styles.quiet}>{say.noRows}</p>}
      {places.length > most && (
        <Button variant="subtle" onClick={() => setMost(most + 5 * SHOWN)}>
          {say.more}
        </Button>
      )}
      {!readOnly && (
        <Group gap="xs" mt="xs">
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconRowInsertBottom size={16} stroke={1.6} />}
            onClick={() => {
              setSearch("");
              setMost(Math.max(most, grid.rows.length + 1));
              onChange({ ...grid, rows: [...grid.rows, { key: "", cells: {}, before: {} }] });
              const place = grid.rows.length;
              requestAnimationFrame(() => box.current?.querySelector<HTMLInputElement>(`[data-cell="${place} -1"]`)?.focus());
            }}
          >
            {say.addRow}
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconColumnInsertRight size={16} stroke={1.6} />}
            onClick={() => onChange({ ...grid, columns: [...grid.columns, { name: free(grid), type: "text" }] })}
          >
            {say.addColumn}
          </Button>
        </Group>
      )}
    </>
  );
}

/** A column under another name, with its cells; a name that another column has is not taken. */
function renamed(grid: Grid, at: number, name: string): Grid {
  const old = grid.columns[at]?.name ?? "";
  if (grid.columns.some((column, place) => place !== at && column.name === name)) return grid;
  const moved = (cells: Record<string, string>) => {
    const { [old]: text = "", ...rest } = cells;
    return { ...rest, [name]: text };
  };
  return {
    ...grid,
    columns: grid.columns.map((column, place) => (place === at ? { ...column, name } : column)),
    rows: grid.rows.map((row) => ({ ...row, cells: moved(row.cells) })),
  };
}

function free(grid: Grid): string {
  const taken = new Set(grid.columns.map((column) => column.name));
  let number = grid.columns.length + 1;
  while (taken.has(`column_${number}`)) number += 1;
  return `column_${number}`;
}

function Import({ keyTitle, onRead }: { keyTitle: string | undefined; onRead: (grid: Grid) => void }) {
  const say = useWords(words).tables;
  const format = useFormats();
  const project = useProject();
  const [text, setText] = useState("");
  const reading = useMutation({
    mutationFn: (given: string) =>
      ask(api.POST("/api/projects/{project}/tables/read", { params: { path: { project: project.id } }, body: { text: given } })),
    onError: showFailure,
  });
  const found = reading.data;
  return (
    <div className={styles.import}>
      <Textarea
        label={say.pasteLabel}
        description={say.pasteHint}
        autosize
        minRows={8}
        maxRows={16}
        spellCheck={false}
        className={styles.csv}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          reading.reset();
        }}
      />
      <Group justify="space-between">
        <FileButton
          accept=".csv,.tsv,text/csv,text/plain"
          onChange={async (file) => {
            if (!file) return;
            const given = await file.text();
            setText(given);
            reading.mutate(given);
          }}
        >
          {(props) => (
            <Button variant="default" {...props}>
              {say.file}
            </Button>
          )}
        </FileButton>
        {found && !found.problems.length ? (
          <Button onClick={() => onRead(taken(found, keyTitle))}>{say.use(format.number(found.rows.length))}</Button>
        ) : (
          <Button disabled={!text.trim()} loading={reading.isPending} onClick={() => reading.mutate(text)}>
            {say.read}
          </Button>
        )}
      </Group>
      {found && found.problems.length > 0 && (
        <div role="alert" className={styles.csvProblems}>
          <b>{say.wrong(format.number(found.problems.length))}</b>
          <ul>
            {found.problems.slice(0, 50).map((problem) => (
              <li key={`${problem.line} ${problem.column} ${problem.message}`}>
                <code>{say.line(String(problem.line), problem.column)}</code> {problem.message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

/** The rows that were read. In CSV the first column is the key and stands nowhere else; in YAML texts can read it too. */
function taken(found: Schemas["TableRead"], keyTitle: string | undefined): Grid {
  const [first] = found.columns;
  const columns = keyTitle === undefined ? found.columns : found.columns.slice(1);
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: found.rows.map(({ key, cells }) => ({
      key,
      cells: Object.fromEntries(
        columns.map(({ name }) => [name, cells[name] === null || cells[name] === undefined ? "" : String(cells[name])]),
      ),
      before: {},
    })),
    ...(keyTitle === undefined ? {} : { keyTitle: first?.name ?? keyTitle }),
  };
}
