/** The templates: all of them alive in miniature, and one of them to try out. */

import { Button, SegmentedControl } from "@mantine/core";
import { IconPalette, IconPlus } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Gallery, useTemplates } from "@/messages/Gallery";
import { type Device, Preview } from "@/messages/Preview";
import { type Form, TemplateForm, type Texts, type Writing } from "@/messages/TemplateForm";
import { usePreview } from "@/messages/usePreview";
import { words as messages } from "@/messages/words";
import { Page, Section } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { useLanguage, usePick, useWords } from "@/words/words";
import styles from "./Templates.module.css";
import { words } from "./words";

export default function Templates() {
  const project = useProject();
  const say = useWords(words);
  const navigate = useNavigate();
  const { template } = useSearch({ strict: false }) as { template?: string };
  if (template) return <One name={template} />;
  return (
    <Page
      title={say.title}
      lead={say.lead}
      wide
      actions={
        <Button
          component={Link}
          to={`/p/${project.id}/settings/theme`}
          variant="default"
          leftSection={<IconPalette size={16} stroke={1.6} aria-hidden />}
        >
          {say.theme}
        </Button>
      }
    >
      <Gallery
        project={project.id}
        onPick={(name) => void navigate({ to: `/p/${project.id}/gallery`, search: { template: name } as never })}
      />
    </Page>
  );
}

function One({ name }: { name: string }) {
  const project = useProject();
  const say = useWords(words);
  const crumbs = [{ label: say.back, to: `/p/${project.id}/gallery` }];
  const query = useTemplates(project.id);
  return (
    <Loaded query={query}>
      {(forms) => {
        const form = forms.find((one) => one.name === name);
        if (form) return <Workbench key={name} form={form} crumbs={crumbs} />;
        return (
          <Page title={say.unknown} crumbs={crumbs}>
            <EmptyState title={say.unknown} />
          </Page>
        );
      }}
    </Loaded>
  );
}

function Workbench({ form, crumbs }: { form: Form; crumbs: { label: string; to: string }[] }) {
  const project = useProject();
  const may = useMay("edit");
  const say = useWords(words);
  const { preview, gallery } = useWords(messages);
  const language = useLanguage();
  const pick = usePick();
  const examples = useMemo(() => beginning(form), [form]);
  const [texts, setTexts] = useState<Texts>(examples);
  const [writing, setWriting] = useState<Writing>(language);
  const [device, setDevice] = useState<Device>("phone");
  const [theme, setTheme] = useState<"light" | "dark">("light");
  const read = writing === "both" ? language : writing;
  const action = useMemo(() => ({ template: form.name, texts }), [form.name, texts]);
  const found = usePreview(project.id, action, { language: read });
  const kinds: Readonly<Record<string, string>> = gallery.kinds;
  return (
    <Page
      title={pick({ ja: form.label.ja ?? form.name, en: form.label.en ?? form.name })}
      lead={
        <>
          {kinds[form.kind]} · {pick({ ja: form.description.ja ?? "", en: form.description.en ?? "" })}
        </>
      }
      crumbs={crumbs}
      wide
      actions={
        may && (
          <Button
            component={Link}
            to={`/p/${project.id}/campaigns/new`}
            search={{ template: form.name } as never}
            color="vermilion"
            leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}
          >
            {say.use}
          </Button>
        )
      }
    >
      <div className={styles.bench}>
        <Section title={say.tryOut} aside={say.tryLead}>
          <TemplateForm form={form} value={texts} onChange={setTexts} problems={found.problems} onWriting={setWriting} />
        </Section>
        <div className={styles.beside}>
          <div className={styles.views}>
            <SegmentedControl
              size="xs"
              aria-label={gallery.device}
              value={device}
              onChange={(to) => setDevice(to as Device)}
              data={(["phone", "desktop"] as const).map((one) => ({ value: one, label: preview[one] }))}
            />
            <SegmentedControl
              size="xs"
              aria-label={gallery.light}
              value={theme}
              onChange={(to) => setTheme(to as "light" | "dark")}
              data={(["light", "dark"] as const).map((one) => ({ value: one, label: preview[one] }))}
            />
          </div>
          <Preview message={found.message} device={device} language={read} theme={theme} />
        </div>
      </div>
    </Page>
  );
}

/** What the template gives as examples, its pictures found in the console. */
function beginning(form: Form): Texts {
  const given = form.questions.filter((question) => question.example !== undefined && question.example !== null);
  return Object.fromEntries(given.map((question) => [question.name, drawn(question.example)]));
}

function drawn(example: unknown): unknown {
  if (typeof example === "string") return example.replace(/^\/art\//, "/preview/art/");
  if (Array.isArray(example)) return example.map(drawn);
  if (typeof example === "object" && example !== null)
    return Object.fromEntries(Object.entries(example).map(([name, value]) => [name, drawn(value)]));
  return example;
}
