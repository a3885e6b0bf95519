/** A link that shows one browser what everybody else does not see yet. */

import { Button, CopyButton, MultiSelect, Popover, TextInput } from "@mantine/core";
import { IconCopy, IconFlask } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "@/api/client";
import { showFailure } from "@/parts/toast";
import type { Names } from "@/people/names";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import styles from "./Story.module.css";
import type { Portrait } from "./useStory";
import { words } from "./words";

export function TestDelivery({ portrait, names }: { portrait: Portrait; names: Names }) {
  const { tests: say } = useWords(words);
  const { copy, copied } = useWords(shared);
  const project = useProject();
  const formats = useFormats(project.time_zone);
  const [url, setUrl] = useState(portrait.sessions[0]?.landing?.url ?? portrait.first_landing?.url ?? "");
  const [campaigns, setCampaigns] = useState<string[]>([]);
  const make = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/projects/{project}/test-links", {
          params: { path: { project: project.id } },
          body: { url, campaigns, drafts: campaigns.length === 0 },
        }),
      ),
    onError: showFailure,
  });
  return (
    <Popover position="bottom-end" width={360} withinPortal trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconFlask size={16} stroke={1.6} />}>
          {say.title}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.tests}>
        <p className="muted">{say.help}</p>
        <TextInput label={say.url} type="url" value={url} onChange={(event) => setUrl(event.currentTarget.value)} />
        <MultiSelect
          label={say.campaigns}
          data={Object.keys(names.all?.campaigns ?? {}).map((one) => ({ value: one, label: names.campaign(one) }))}
          value={campaigns}
          onChange={setCampaigns}
          searchable
          comboboxProps={{ withinPortal: false }}
        />
        <Button onClick={() => make.mutate()} loading={make.isPending} disabled={!url}>
          {say.make}
        </Button>
        {make.data && (
          <div className={styles.link}>
            <TextInput readOnly value={make.data.url} aria-label={say.title} />
            <CopyButton value={make.data.url}>
              {(state) => (
                <Button variant="default" leftSection={<IconCopy size={15} stroke={1.6} />} onClick={state.copy}>
                  {state.copied ? copied : copy}
                </Button>
              )}
            </CopyButton>
            <p className="muted">{say.until(formats.dateTime(make.data.until))}</p>
          </div>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
