/** A template of the project's own while it is written: its code, what it looks like, and the ways to publish it. */

import { ActionIcon, Button, Menu, Modal, SegmentedControl, Select, Tabs, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowBackUp, IconDots, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { api, ask, type Problem } from "@/api/client";
import { type Device, Preview } from "@/messages/Preview";
import { said } from "@/messages/problems";
import { TemplateForm, type Texts } from "@/messages/TemplateForm";
import { usePreview } from "@/messages/usePreview";
import { words as messages } from "@/messages/words";
import { Page, Section } from "@/parts/Page";
import { Failure, SkeletonBlock } from "@/parts/states";
import { showDone, showFailure, showUndo } from "@/parts/toast";
import { UnsavedGuard } from "@/parts/unsaved";
import { useMay, useMe, useProject } from "@/shell/session";
import { type Language, useLanguage, usePick, useWords } from "@/words/words";
import { DisputeDialog } from "../campaigns/DisputeDialog";
import { Keeping } from "../campaigns/Keeping";
import { type Drafting, useDraft } from "../campaigns/useDraft";
import { completionOf, PARTS, type Part } from "./completion";
import { Past } from "./Past";
import styles from "./Templates.module.css";
import { beginning } from "./texts";
import { words } from "./words";

const CodeEditor = lazy(() => import("@/parts/CodeEditor"));

type Files = Partial<Record<Part, string>>;
const LANGUAGES = { "body.liquid": "html", "style.css": "css", "script.js": "javascript", "template.yaml": "yaml" } as const;
const SPEAKING = [
  { value: "ja", label: "日本語" },
  { value: "en", label: "English" },
];

export default function CodePage() {
  const { template = "" } = useParams({ strict: false }) as { template?: string };
  return <Editor key={template} id={template} />;
}

function Editor({ id }: { id: string }) {
  const say = useWords(words);
  const project = useProject();
  const drafting = useDraft<Files>(project.id, "templates", id);
  const crumbs = [{ label: say.back, to: `/p/${project.id}/gallery` }];
  if (drafting.data) return <Bench id={id} files={drafting.data} drafting={drafting} crumbs={crumbs} />;
  return (
    <Page title={id} crumbs={crumbs} wide>
      {drafting.error && !drafting.told ? (
        <Failure error={drafting.error} retry={() => void drafting.refetch()} />
      ) : (
        <SkeletonBlock height={480} />
      )}
    </Page>
  );
}

interface BenchProps {
  id: string;
  files: Files;
  drafting: Drafting<Files>;
  crumbs: { label: string; to: string }[];
}

function Bench({ id, files, drafting, crumbs }: BenchProps) {
  const say = useWords(words);
  const { preview, gallery } = useWords(messages);
  const project = useProject();
  const may = useMay("edit");
  const pick = usePick();
  const reader = useLanguage();
  const [tab, setTab] = useState<Part | "try" | "past">("body.liquid");
  const [device, setDevice] = useState<Device>("phone");
  const [theme, setTheme] = useState<"light" | "dark">("light");
  const [language, setLanguage] = useState<Language>(reader);
  const [tried, setTried] = useState<Texts>({});
  const [asking, { open, close }] = useDisclosure(false);
  const liquid = useQuery({
    queryKey: ["liquid"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => ask(api.GET("/api/liquid", { signal })),
  });
  /** The last one that could be read. */
  const [form, setForm] = useState<ReturnType<typeof usePreview>["form"]>(null);
  const texts = form ? filled(form, tried) : tried;
  const found = usePreview(project.id, { template: id, texts }, { language, files: files as Record<string, string> });
  const read = found.form;
  useEffect(() => {
    if (read) setForm(read);
  }, [read]);
  const wrongs = useWrongs(id, found.problems);
  const source = useMemo(
    () => (tab === "try" || tab === "past" ? undefined : completionOf(tab, form?.questions ?? [], liquid.data)),
    [tab, form, liquid.data],
  );
  const title = form ? pick({ ja: form.label.ja ?? id, en: form.label.en ?? id }) : id;
  const texted = found.problems.filter((one) => one.file === "");
  return (
    <Page
      title={title}
      crumbs={crumbs}
      wide
      lead={
        <span className={styles.lead}>
          <code>{id}</code> <Keeping drafting={drafting} />
        </span>
      }
      actions={
        may && (
          <>
            <More id={id} called={title} drafting={drafting} />
            <Button color="vermilion" disabled={!drafting.draft || wrongs.size > 0} onClick={open}>
              {say.code.publish}
            </Button>
          </>
        )
      }
    >
      <UnsavedGuard dirty={drafting.state === "failed" || drafting.state === "disputed"} />
      <DisputeDialog drafting={drafting} />
      <div className={styles.bench} data-code>
        <div className={styles.code}>
          <Tabs value={tab} onChange={(to) => setTab(to as Part)}>
            <Tabs.List aria-label={say.code.parts}>
              {PARTS.map((part) => (
                <Tabs.Tab key={part} value={part}>
                  {say.code.part[part]}
                  {wrongs.get(part) && (
                    <b className={styles.wrong}>
                      <span aria-hidden>!</span>
                      <span className="visually-hidden">{say.code.problems(wrongs.get(part)?.length ?? 0)}</span>
                    </b>
                  )}
                </Tabs.Tab>
              ))}
              <Tabs.Tab value="try">{say.tryOut}</Tabs.Tab>
              <Tabs.Tab value="past">{say.code.past}</Tabs.Tab>
            </Tabs.List>
          </Tabs>
          {tab === "past" ? (
            <Past id={id} drafting={drafting} may={may} />
          ) : tab === "try" ? (
            <Section title={say.tryOut} aside={say.tryLead}>
              {form && (
                <TemplateForm
                  form={form}
                  value={texts}
                  onChange={setTried}
                  problems={texted}
                  onWriting={(writing) => writing !== "both" && setLanguage(writing)}
                />
              )}
            </Section>
          ) : (
            <>
              <p className={styles.quiet}>{say.code.hint[tab]}</p>
              <Suspense fallback={<SkeletonBlock height={420} />}>
                <CodeEditor
                  key={tab}
                  language={LANGUAGES[tab]}
                  label={say.code.part[tab]}
                  value={files[tab] ?? ""}
                  onChange={(text) => {
                    if (text === (files[tab] ?? "")) return;
                    const { [tab]: _, ...rest } = files;
                    const needed = tab === "template.yaml" || tab === "body.liquid";
                    drafting.change(text === "" && !needed ? rest : { ...rest, [tab]: text });
                  }}
                  readOnly={!may}
                  complete={source}
                  problems={wrongs.get(tab)}
                />
              </Suspense>
              {wrongs.get(tab) && (
                <ul className={styles.wrongs} aria-live="polite">
                  {wrongs.get(tab)?.map((one) => (
                    <li key={`${one.line} ${one.message}`}>
                      {one.line > 0 && <b>{say.code.line(one.line)}</b>} {one.message}
                    </li>
                  ))}
                </ul>
              )}
            </>
          )}
        </div>
        <div className={styles.beside}>
          <div className={styles.views}>
            <SegmentedControl
              size="xs"
              aria-label={gallery.device}
              value={device}
              onChange={(to) => setDevice(to as Device)}
              data={(["phone", "desktop"] as const).map((one) => ({ value: one, label: preview[one] }))}
            />
            <Select
              size="xs"
              aria-label={say.code.language}
              className={styles.speaking}
              value={language}
              allowDeselect={false}
              onChange={(to) => to && setLanguage(to as Language)}
              data={SPEAKING}
            />
            <SegmentedControl
              size="xs"
              aria-label={gallery.light}
              value={theme}
              onChange={(to) => setTheme(to as "light" | "dark")}
              data={(["light", "dark"] as const).map((one) => ({ value: one, label: preview[one] }))}
            />
          </div>
          <Preview message={found.message} device={device} language={language} theme={theme} site={found.site} />
          {found.problems.length > 0 && (
            <p className={styles.quiet} role="status">
              {wrongs.size > 0 ? say.code.stale : say.code.needsTexts}
            </p>
          )}
        </div>
      </div>
      <Publish id={id} drafting={drafting} opened={asking} close={close} />
    </Page>
  );
}

/** What one tries, and the template's examples for the rest; names that it does not ask for any more are left out. */
function filled(form: NonNullable<ReturnType<typeof usePreview>["form"]>, tried: Texts): Texts {
  const asked = new Set(form.questions.map((one) => one.name));
  return Object.fromEntries(Object.entries({ ...beginning(form), ...tried }).filter(([name]) => asked.has(name)));
}

/** What is wrong in the template's own files, by part, in the reader's language. */
function useWrongs(id: string, problems: readonly Problem[]): ReadonlyMap<Part, { line: number; message: string }[]> {
  const written = JSON.stringify(problems);
  // biome-ignore lint/correctness/useExhaustiveDependencies: by content: the same problems are not marked again with each letter
  return useMemo(() => {
    const found = new Map<Part, { line: number; message: string }[]>();
    for (const { file, line, path, message } of problems) {
      const part = PARTS.find((one) => file === `templates/${id}/${one}`);
      if (!part) continue;
      const text = part === "template.yaml" && path ? `${path}: ${said(message)}` : said(message);
      found.set(part, [...(found.get(part) ?? []), { line, message: text }]);
    }
    return found;
  }, [id, written]);
}

function More({ id, called, drafting }: { id: string; called: string; drafting: Drafting<Files> }) {
  const say = useWords(words).code;
  const project = useProject();
  const client = useQueryClient();
  const navigate = useNavigate();
  const params = { path: { project: project.id, kind: "templates" as const, id } };
  const { told } = drafting;
  const leave = async () => {
    await Promise.all([["templates"], ["documents"]].map((queryKey) => client.invalidateQueries({ queryKey })));
    await navigate({ to: `/p/${project.id}/gallery` });
  };
  const discard = async () => {
    try {
      await drafting.flush();
      const gone = await ask(api.DELETE("/api/projects/{project}/drafts/{kind}/{id}", { params }));
      showUndo(say.discarded, async () => {
        await ask(api.PUT("/api/projects/{project}/drafts/{kind}/{id}", { params, body: { text: gone.text, revision: 0 } }));
        await navigate({ to: `/p/${project.id}/gallery/${id}` });
        await drafting.renew();
      });
      if (told?.document === null) await leave();
      else await drafting.renew();
    } catch (error) {
      showFailure(error);
    }
  };
  const remove = async () => {
    try {
      const text = told?.text ?? "";
      await ask(api.DELETE("/api/projects/{project}/documents/{kind}/{id}", { params }));
      showUndo(say.removed(called), async () => {
        const back = await ask(api.PUT("/api/projects/{project}/drafts/{kind}/{id}", { params, body: { text, revision: 0 } }));
        await ask(
          api.POST("/api/projects/{project}/publish", {
            params: { path: { project: project.id } },
            body: { drafts: [{ kind: "templates", id, revision: back.revision }] },
          }),
        );
        await Promise.all([["templates"], ["documents"]].map((queryKey) => client.invalidateQueries({ queryKey })));
      });
      await leave();
    } catch (error) {
      showFailure(error);
    }
  };
  if (!drafting.draft && told?.document === null) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={say.more}>
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {drafting.draft && (
          <Menu.Item leftSection={<IconArrowBackUp size={15} stroke={1.6} />} onClick={() => void discard()}>
            {say.discard}
          </Menu.Item>
        )}
        {told?.document !== null && (
          <Menu.Item leftSection={<IconTrash size={15} stroke={1.6} />} onClick={() => void remove()}>
            {say.remove}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Publish({ id, drafting, opened, close }: { id: string; drafting: Drafting<Files>; opened: boolean; close: () => void }) {
  const say = useWords(words).code;
  const project = useProject();
  const me = useMe();
  const client = useQueryClient();
  const [comment, setComment] = useState("");
  const { told, draft } = drafting;
  const submitted = draft?.state === "submitted";
  const own = submitted && (draft?.submitted_by === me.id || draft?.author === me.id);
  const approval = told?.approval === true && told.document !== null;
  const sending = useMutation({
    mutationFn: async () => {
      const kept = await drafting.flush();
      if (!kept) return;
      const of = {
        params: { path: { project: project.id } },
        body: { drafts: [{ kind: "templates" as const, id, revision: kept.revision }], comment },
      };
      if (submitted) await ask(api.POST("/api/projects/{project}/approve", of));
      else if (approval) await ask(api.POST("/api/projects/{project}/submit", of));
      else await ask(api.POST("/api/projects/{project}/publish", of));
      setComment("");
      close();
      showDone(approval && !submitted ? say.wasSubmitted : say.published);
      await drafting.renew();
      await Promise.all(
        [["templates"], ["template-sample"], ["documents"], ["preview"]].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
    },
    onError: (error) => {
      close();
      if (!drafting.contest(error)) showFailure(error);
    },
  });
  return (
    <Modal opened={opened} onClose={close} title={say.publishTitle}>
      <div className={styles.copy}>
        <p className={styles.quiet}>{submitted && own ? say.ownWaiting : approval ? say.approval : say.publishLead}</p>
        {!submitted && (
          <Textarea
            label={say.comment}
            autosize
            minRows={2}
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
        )}
        {!own && (
          <Button color="vermilion" loading={sending.isPending} onClick={() => sending.mutate()}>
            {submitted ? say.approve : approval ? say.submit : say.publish}
          </Button>
        )}
      </div>
    </Modal>
  );
}
