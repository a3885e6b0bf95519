/** The templates: all of them alive in miniature, and one of them to try out. */

import { Button, SegmentedControl } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCode, IconCopy, IconPalette, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { documents } from "@/api/asked";
import { Gallery, useTemplates } from "@/messages/Gallery";
import { type Device, Preview } from "@/messages/Preview";
import { type Form, TemplateForm, type Texts, type Writing } from "@/messages/TemplateForm";
import { usePreview } from "@/messages/usePreview";
import { words as messages } from "@/messages/words";
import { Mark } from "@/parts/Mark";
import { Page, Section } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { useLanguage, usePick, useWords } from "@/words/words";
import { OwnCopy } from "./OwnCopy";
import styles from "./Templates.module.css";
import { beginning } from "./texts";
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
      <Own />
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
  const called = pick({ ja: form.label.ja ?? form.name, en: form.label.en ?? form.name });
  const own = useOwn(project.id).data?.some((one) => one.id === form.name) ?? false;
  const [copying, { open, close }] = useDisclosure(false);
  return (
    <Page
      title={called}
      lead={
        <>
          {kinds[form.kind]} · {pick({ ja: form.description.ja ?? "", en: form.description.en ?? "" })}
        </>
      }
      crumbs={crumbs}
      wide
      actions={
        may && (
          <>
            {own ? (
              <Button
                component={Link}
                to={`/p/${project.id}/gallery/${form.name}`}
                variant="default"
                leftSection={<IconCode size={16} stroke={1.6} aria-hidden />}
              >
                {say.editCode}
              </Button>
            ) : (
              <Button variant="default" leftSection={<IconCopy size={16} stroke={1.6} aria-hidden />} onClick={open}>
                {say.copy.open}
              </Button>
            )}
            <Button
              component={Link}
              to={`/p/${project.id}/campaigns/new`}
              search={{ template: form.name } as never}
              color="vermilion"
              leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}
            >
              {say.use}
            </Button>
          </>
        )
      }
    >
      <OwnCopy form={form} called={called} opened={copying} close={close} />
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

/** The project's own templates, those that are only drafts too. */
function Own() {
  const project = useProject();
  const say = useWords(words);
  const pick = usePick();
  const query = useOwn(project.id);
  if (!query.data?.length) return null;
  return (
    <Section title={say.own} aside={say.ownLead}>
      <ul className={styles.own}>
        {query.data.map((one) => (
          <li key={one.id}>
            <Link to={`/p/${project.id}/gallery/${one.id}`}>
              <IconCode size={16} stroke={1.6} aria-hidden />
              {pick(one.name)}
            </Link>
            <code>{one.id}</code>
            {one.draft && <Mark tone="waiting">{say.draft}</Mark>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function useOwn(project: string) {
  return useQuery(documents(project, "templates"));
}
