/** What is kept of the project, and how long. */

import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { Figure, Figures } from "@/parts/Figure";
import { Section } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import { SettingsPage } from "./SettingsPage";
import styles from "./settings.module.css";
import { words } from "./words";

const KEPT = ["events", "profiles", "configuration", "drafts", "pictures", "audit"] as const;

export default function Retention() {
  const say = useWords(words).retention;
  const { asOf } = useWords(shared);
  const project = useProject();
  const formats = useFormats(project.time_zone);
  const query = useQuery({
    queryKey: ["keeping", project.id],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/keeping", { params: { path: { project: project.id } }, signal })),
  });
  return (
    <SettingsPage at="retention" lead={say.lead}>
      <Loaded query={query}>
        {(kept) => (
          <>
            <Section title={say.now}>
              <Figures>
                <Figure
                  label={say.events}
                  value={formats.number(kept.events)}
                  period={asOf(formats.dateTime(kept.as_of))}
                  to={`/p/${project.id}/events`}
                />
                <Figure label={say.since} value={kept.oldest_at ? formats.date(kept.oldest_at) : "–"} period={say.sinceHint} />
                <Figure label={say.latest} value={kept.latest_at ? formats.ago(kept.latest_at, kept.as_of) : "–"} />
              </Figures>
            </Section>
            <Section title={say.howLong}>
              <table className={styles.kept}>
                <thead>
                  <tr>
                    <th>{say.what}</th>
                    <th>{say.long}</th>
                    <th>{say.erased}</th>
                  </tr>
                </thead>
                <tbody>
                  {KEPT.map((row) => (
                    <tr key={row}>
                      <td>{say.rows[row]}</td>
                      <td>{say.until[row]}</td>
                      <td>{say.how[row]}</td>
                    </tr>
                  ))}
                  {kept.recordings && (
                    <tr>
                      <td>{say.rows.recordings}</td>
                      <td>{say.recordings(kept.recordings.days, formats.number(kept.recordings.quota_megabytes))}</td>
                      <td>{say.how.recordings}</td>
                    </tr>
                  )}
                  <tr>
                    <td>{say.rows.sessions}</td>
                    <td>{say.sessions(kept.session_idle_days, kept.session_days)}</td>
                    <td>{say.how.sessions}</td>
                  </tr>
                </tbody>
              </table>
            </Section>
          </>
        )}
      </Loaded>
    </SettingsPage>
  );
}
