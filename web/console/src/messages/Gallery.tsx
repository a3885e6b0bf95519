/** Every template alive in miniature, in the project's own theme and the reader's language. Only what is in sight is drawn. */

import { SegmentedControl, TextInput } from "@mantine/core";
import { IconCode, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { templates as allTemplates } from "@/api/asked";
import { api, ask } from "@/api/client";
import { Mark } from "@/parts/Mark";
import { EmptyState, Loaded, SkeletonBlock } from "@/parts/states";
import { useLanguage, usePick, useWords } from "@/words/words";
import styles from "./Gallery.module.css";
import { MessageFrame } from "./MessageFrame";
import type { Device } from "./Preview";
import type { Form } from "./TemplateForm";
import { words } from "./words";

interface Props {
  project: string;
  onPick: (template: string) => void;
  /** The one that is chosen now. */
  chosen?: string;
}

const INTENTS = ["every", "show", "ask", "consent", "script"] as const;
type Intent = (typeof INTENTS)[number];
const SIZES = { phone: { width: 375, height: 560 }, desktop: { width: 640, height: 440 } } as const;

export function useTemplates(project: string) {
  return useQuery(allTemplates(project));
}

export function Gallery({ project, onPick, chosen }: Props) {
  const say = useWords(words);
  const [asked, setAsked] = useState("");
  const [intent, setIntent] = useState<Intent>("every");
  const [device, setDevice] = useState<Device>("desktop");
  const [theme, setTheme] = useState<"light" | "dark">("light");
  const query = useTemplates(project);
  return (
    <div className={styles.gallery}>
      <div className={styles.filters}>
        <TextInput
          className={styles.search}
          leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
          aria-label={say.gallery.search}
          placeholder={say.gallery.search}
          value={asked}
          onChange={(event) => setAsked(event.currentTarget.value)}
        />
        <SegmentedControl
          size="sm"
          value={intent}
          onChange={(to) => setIntent(to as Intent)}
          data={INTENTS.map((one) => ({ value: one, label: say.gallery[one] }))}
        />
        <SegmentedControl
          size="sm"
          aria-label={say.gallery.device}
          value={device}
          onChange={(to) => setDevice(to as Device)}
          data={(["desktop", "phone"] as const).map((one) => ({ value: one, label: say.preview[one] }))}
        />
        <SegmentedControl
          size="sm"
          aria-label={say.gallery.light}
          value={theme}
          onChange={(to) => setTheme(to as "light" | "dark")}
          data={(["light", "dark"] as const).map((one) => ({ value: one, label: say.preview[one] }))}
        />
      </div>
      <Loaded query={query} skeleton={<Waiting />}>
        {(forms) => {
          const found = forms
            .filter((form) => (intent === "every" || form.intent === intent) && fits(form, asked))
            .sort((one, other) => INTENTS.indexOf(one.intent as Intent) - INTENTS.indexOf(other.intent as Intent));
          if (found.length === 0) return <EmptyState title={say.gallery.none}>{say.gallery.noneHint}</EmptyState>;
          return (
            <ul className={styles.grid} data-device={device}>
              {found.map((form) => (
                <li key={form.name}>
                  <Card
                    project={project}
                    form={form}
                    device={device}
                    theme={theme}
                    chosen={chosen === form.name}
                    onPick={() => onPick(form.name)}
                  />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </div>
  );
}

function Waiting() {
  return (
    <div className={styles.grid}>
      {[1, 2, 3, 4, 5, 6].map((one) => (
        <SkeletonBlock key={one} height={220} />
      ))}
    </div>
  );
}

interface CardProps {
  project: string;
  form: Form;
  device: Device;
  theme: "light" | "dark";
  chosen: boolean;
  onPick: () => void;
}

function Card({ project, form, device, theme, chosen, onPick }: CardProps) {
  const say = useWords(words).gallery;
  const pick = usePick();
  const label = pick({ ja: form.label.ja ?? form.name, en: form.label.en ?? form.name });
  const description = pick({ ja: form.description.ja ?? "", en: form.description.en ?? "" });
  const [hovered, setHovered] = useState(false);
  const [plate, near] = useNear();
  const kinds: Readonly<Record<string, string>> = say.kinds;
  return (
    <button
      type="button"
      className={styles.card}
      data-template={form.name}
      aria-pressed={chosen || undefined}
      onClick={onPick}
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
    >
      <span
        className={styles.plate}
        ref={plate}
        data-scheme={theme}
        style={{ aspectRatio: `${SIZES[device].width} / ${SIZES[device].height}` }}
      >
        {form.kind === "script" ? (
          <span className={styles.silent}>
            <IconCode size={32} stroke={1.2} aria-hidden />
            <span>{say.silent}</span>
          </span>
        ) : (
          near && <Miniature project={project} name={form.name} title={label} device={device} theme={theme} still={!hovered} />
        )}
      </span>
      <span className={styles.name}>
        {label}
        <Mark>{kinds[form.kind] ?? form.kind}</Mark>
      </span>
      <span className={styles.description}>{description}</span>
    </button>
  );
}

function Miniature({
  project,
  name,
  title,
  device,
  theme,
  still,
}: {
  project: string;
  name: string;
  title: string;
  device: Device;
  theme: "light" | "dark";
  still: boolean;
}) {
  const language = useLanguage();
  const query = useQuery({
    queryKey: ["template-sample", project, name, language],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/templates/{name}/sample", {
          params: { path: { project, name }, query: { language } },
          signal,
        }),
      ),
  });
  if (!query.data) return null;
  return (
    <MessageFrame
      draw={query.data}
      language={language}
      theme={theme}
      site=""
      still={still}
      title={title}
      inert
      {...SIZES[device]}
    />
  );
}

/** Whether the element is in sight, or nearly. */
function useNear(): [React.RefObject<HTMLSpanElement | null>, boolean] {
  const element = useRef<HTMLSpanElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const watcher = new IntersectionObserver((entries) => setNear(entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: "600px 0px",
    });
    watcher.observe(element.current);
    return () => watcher.disconnect();
  }, []);
  return [element, near];
}

function fits(form: Form, asked: string): boolean {
  const wanted = asked.trim().toLocaleLowerCase();
  const said = [form.name, ...Object.values(form.label), ...Object.values(form.description)];
  return said.some((one) => one.toLocaleLowerCase().includes(wanted));
}
