/** The site: whether its tag was heard of, the snippet, what the project is called and which pages belong to it. */

import { Anchor, Button, CopyButton, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { connection as connectionOf } from "@/api/asked";
import type { Schemas } from "@/api/client";
import { Section } from "@/parts/Page";
import { Loaded, SkeletonBlock } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { different, EXAMPLES, type ProjectDocument, type Told, useProjectDocument, useSaving } from "./document";
import { SaveBar } from "./SaveBar";
import { SettingsPage } from "./SettingsPage";
import styles from "./settings.module.css";
import { words } from "./words";

const LOOK_MS = 2_000;

export default function Site() {
  const say = useWords(words);
  const project = useProject();
  const connection = useQuery({ ...connectionOf(project.id), refetchInterval: LOOK_MS });
  const query = useProjectDocument(project.id);
  return (
    <SettingsPage at="site" lead={say.site.lead}>
      <Section title={say.site.tag}>
        <Loaded query={connection} skeleton={<SkeletonBlock height={160} />}>
          {(found) => <Tag connection={found} />}
        </Loaded>
      </Section>
      <Loaded query={query}>{(told) => <Form key={told.version} told={told} />}</Loaded>
    </SettingsPage>
  );
}

function Tag({ connection }: { connection: Schemas["Connection"] }) {
  const say = useWords(words).site;
  const { copy: copyWord, copied: copiedWord } = useWords(shared);
  const formats = useFormats();
  return (
    <>
      {connection.heard_at ? (
        <div className={styles.heard} data-heard role="status">
          <IconCheck size={20} stroke={1.8} aria-hidden />
          <div>
            <p>{say.heard}</p>
            <small>{say.heardAt(formats.ago(connection.heard_at, connection.as_of))}</small>
          </div>
        </div>
      ) : (
        <div className={styles.heard} role="status">
          <span className={styles.pulse} aria-hidden />
          <div>
            <p>{say.waiting}</p>
            <small>{say.waitingHint}</small>
          </div>
        </div>
      )}
      <p className={styles.text}>{say.snippet}</p>
      <pre className={styles.code}>{connection.snippet}</pre>
      <CopyButton value={connection.snippet}>
        {({ copied, copy }) => (
          <Button variant="default" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
            {copied ? copiedWord : copyWord}
          </Button>
        )}
      </CopyButton>
    </>
  );
}

interface Fields {
  ja: string;
  en: string;
  time_zone: string;
  language: "ja" | "en";
  origins: string[];
  cookie_domain: string;
  signed: boolean;
}

/** As the document says it. */
function written(fields: Fields): Partial<ProjectDocument> {
  return {
    name: fields.ja === fields.en ? fields.ja : { ja: fields.ja, en: fields.en },
    time_zone: fields.time_zone,
    language: fields.language,
    origins: fields.origins,
    cookie_domain: fields.cookie_domain || undefined,
    require_signed_identity: fields.signed || undefined,
  };
}

function Form({ told }: { told: Told }) {
  const say = useWords(words).site;
  const project = useProject();
  const may = useMay("admin");
  const before = told.document as ProjectDocument;
  const saving = useSaving(project.id, told);
  const name = typeof before.name === "string" ? { ja: before.name, en: before.name } : before.name;
  const [fields, setFields] = useState<Fields>({
    ja: name.ja ?? name.en ?? "",
    en: name.en ?? name.ja ?? "",
    time_zone: before.time_zone ?? "Asia/Tokyo",
    language: before.language ?? "ja",
    origins: before.origins ?? [],
    cookie_domain: before.cookie_domain ?? "",
    signed: before.require_signed_identity ?? false,
  });
  const [first] = useState(fields);
  const change = (part: Partial<typeof fields>) => setFields({ ...fields, ...part });
  const dirty = JSON.stringify(fields) !== JSON.stringify(first);
  const save = () => void saving.save(different(written(fields), written(first)));
  return (
    <fieldset disabled={!may} style={{ border: 0, margin: 0, padding: 0 }}>
      <Section title={say.about}>
        <div className={styles.form}>
          <div className={styles.pair}>
            <TextInput label={say.nameJa} value={fields.ja} onChange={(event) => change({ ja: event.currentTarget.value })} />
            <TextInput label={say.nameEn} value={fields.en} onChange={(event) => change({ en: event.currentTarget.value })} />
          </div>
          <div className={styles.pair}>
            <Select
              label={say.zone}
              description={say.zoneHint}
              searchable
              allowDeselect={false}
              limit={60}
              data={Intl.supportedValuesOf("timeZone")}
              value={fields.time_zone}
              onChange={(zone) => zone && change({ time_zone: zone })}
            />
            <Select
              label={say.language}
              description={say.languageHint}
              allowDeselect={false}
              data={[
                { value: "ja", label: say.japanese },
                { value: "en", label: say.english },
              ]}
              value={fields.language}
              onChange={(language) => language && change({ language: language as "ja" | "en" })}
            />
          </div>
          <TagsInput
            label={say.origins}
            description={say.originsHint}
            placeholder={EXAMPLES.origin}
            value={fields.origins}
            onChange={(origins) => change({ origins })}
            splitChars={[",", " "]}
          />
          <TextInput
            label={say.cookieDomain}
            description={say.cookieDomainHint}
            placeholder={EXAMPLES.domain}
            value={fields.cookie_domain}
            onChange={(event) => change({ cookie_domain: event.currentTarget.value.trim() })}
          />
        </div>
      </Section>
      <Section title={say.identity}>
        <p className={styles.text}>{say.identityText}</p>
        <Switch
          label={say.identitySwitch}
          checked={fields.signed}
          onChange={(event) => change({ signed: event.currentTarget.checked })}
        />
        {may && (
          <p className={styles.text} style={{ marginTop: 12 }}>
            <Anchor component={Link} to={`/p/${project.id}/settings/keys`}>
              {say.identityKey}
            </Anchor>
          </p>
        )}
      </Section>
      <SaveBar dirty={dirty} saving={saving} onSave={save} onCancel={() => setFields(first)} />
    </fieldset>
  );
}
