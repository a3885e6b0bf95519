/** What holds for all messages: how many, how often, who sees none, what they may never cover, who has to say yes. */

import { NumberInput, Switch, TagsInput } from "@mantine/core";
import { useState } from "react";
import { Section } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { useWords } from "@/words/words";
import { different, EXAMPLES, type ProjectDocument, type Told, useProjectDocument, useSaving } from "./document";
import { SaveBar } from "./SaveBar";
import { SettingsPage } from "./SettingsPage";
import styles from "./settings.module.css";
import { words } from "./words";

export default function Rules() {
  const say = useWords(words);
  const query = useProjectDocument(useProject().id);
  return (
    <SettingsPage at="rules" lead={say.rules.lead}>
      <Loaded query={query}>{(told) => <Form key={told.version} told={told} />}</Loaded>
    </SettingsPage>
  );
}

interface Fields {
  cap: number;
  seconds: number;
  views: number;
  holdout: number;
  protect: string[];
  staff: string[];
  approval: boolean;
}

/** As the document says it: what is at its default is left out. */
function written(fields: Fields): Partial<ProjectDocument> {
  const gap = { ...(fields.seconds && { seconds: fields.seconds }), ...(fields.views && { page_views: fields.views }) };
  return {
    cap_per_day: fields.cap || undefined,
    gap: Object.keys(gap).length ? gap : undefined,
    global_holdout: fields.holdout ? `${fields.holdout}%` : undefined,
    protect: fields.protect.length ? fields.protect : undefined,
    staff_addresses: fields.staff.length ? fields.staff : undefined,
    approval: fields.approval || undefined,
  };
}

function Form({ told }: { told: Told }) {
  const say = useWords(words).rules;
  const project = useProject();
  const may = useMay("admin");
  const before = told.document as ProjectDocument;
  const saving = useSaving(project.id, told);
  const [fields, setFields] = useState<Fields>({
    cap: before.cap_per_day ?? 0,
    seconds: before.gap?.seconds ?? 0,
    views: before.gap?.page_views ?? 0,
    holdout: Number.parseFloat(before.global_holdout ?? "0"),
    protect: before.protect ?? [],
    staff: before.staff_addresses ?? [],
    approval: before.approval ?? false,
  });
  const [first] = useState(fields);
  const change = (part: Partial<typeof fields>) => setFields({ ...fields, ...part });
  const whole = (value: string | number) => Math.max(0, Math.round(Number(value) || 0));
  const save = () => void saving.save(different(written(fields), written(first)));
  return (
    <fieldset disabled={!may} style={{ border: 0, margin: 0, padding: 0 }}>
      <Section title={say.often}>
        <div className={styles.form}>
          <NumberInput
            label={say.cap}
            description={say.capHint}
            min={0}
            max={1000}
            allowDecimal={false}
            value={fields.cap}
            onChange={(value) => change({ cap: whole(value) })}
          />
          <div className={styles.pair}>
            <NumberInput
              label={say.seconds}
              description={say.gapHint}
              min={0}
              max={86_400}
              allowDecimal={false}
              value={fields.seconds}
              onChange={(value) => change({ seconds: whole(value) })}
            />
            <NumberInput
              label={say.views}
              description={say.viewsHint}
              min={0}
              max={1000}
              allowDecimal={false}
              value={fields.views}
              onChange={(value) => change({ views: whole(value) })}
            />
          </div>
        </div>
      </Section>
      <Section title={say.nobody}>
        <div className={styles.form}>
          <NumberInput
            label={say.holdout}
            description={say.holdoutHint}
            min={0}
            max={100}
            decimalScale={2}
            suffix="%"
            value={fields.holdout}
            onChange={(value) => change({ holdout: Math.min(100, Math.max(0, Number(value) || 0)) })}
          />
          <TagsInput
            label={say.staff}
            description={say.staffHint}
            placeholder={EXAMPLES.network}
            value={fields.staff}
            onChange={(staff) => change({ staff })}
            splitChars={[",", " "]}
          />
        </div>
      </Section>
      <Section title={say.protected}>
        <div className={styles.form}>
          <TagsInput
            label={say.protect}
            description={say.protectHint}
            placeholder={EXAMPLES.selector}
            value={fields.protect}
            onChange={(protect) => change({ protect })}
            splitChars={[]}
          />
        </div>
      </Section>
      <Section title={say.approval}>
        <Switch
          label={say.approvalSwitch}
          description={say.approvalHint}
          checked={fields.approval}
          onChange={(event) => change({ approval: event.currentTarget.checked })}
        />
      </Section>
      <SaveBar
        dirty={JSON.stringify(fields) !== JSON.stringify(first)}
        saving={saving}
        onSave={save}
        onCancel={() => setFields(first)}
      />
    </fieldset>
  );
}
