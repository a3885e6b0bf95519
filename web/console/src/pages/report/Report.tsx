/** What a campaign did: a sentence first, then the stream, then the numbers behind both. */

import { Button } from "@mantine/core";
import { IconRipple } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Page, Section } from "@/parts/Page";
import { EmptyState, Loaded, SkeletonBlock, SkeletonRows } from "@/parts/states";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { usePick, useWords } from "@/words/words";
import { Answers } from "./Answers";
import { Arms } from "./Arms";
import { PeriodPicker } from "./PeriodPicker";
import { type Report, useCampaign, useReport } from "./report";
import { Stream } from "./Stream";
import { Troubles } from "./Troubles";
import { Verdict } from "./Verdict";
import { words } from "./words";

export default function ReportPage() {
  const say = useWords(words);
  const project = useProject();
  const campaign = useCampaign();
  const query = useReport();
  const pick = usePick();
  const name = query.data ? pick(query.data.name) : campaign;
  return (
    <Page
      title={name}
      crumbs={[{ label: say.campaigns, to: `/p/${project.id}/campaigns` }]}
      lead={say.title}
      actions={
        <>
          <PeriodPicker report={query.data} />
          <Button variant="default" component={Link} to={`/p/${project.id}/campaigns/${campaign}`}>
            {say.edit}
          </Button>
        </>
      }
    >
      <Loaded
        query={query}
        skeleton={
          <>
            <SkeletonBlock height={120} />
            <SkeletonRows rows={10} height={32} />
          </>
        }
      >
        {(report) => <Told report={report} />}
      </Loaded>
    </Page>
  );
}

function Told({ report }: { report: Report }) {
  const say = useWords(words);
  const { day, time } = useFormats(report.period.time_zone);
  const { stream, period, nothing } = say;
  const when = `${period.span(day(report.period.first), day(report.period.last))} · ${period.fresh(time(report.as_of))}`;
  const met = report.came > 0 || report.message.shown > 0 || report.holdout.shown > 0;
  return (
    <>
      {report.since.people > 0 && <Verdict report={report} />}
      {met ? (
        <>
          <Section title={stream.title} aside={when}>
            <p className="muted">{stream.note}</p>
            <Stream report={report} />
          </Section>
          <Arms report={report} />
          <Answers report={report} />
          <Troubles report={report} />
        </>
      ) : (
        <EmptyState icon={<IconRipple size={32} stroke={1.4} />} title={nothing.title}>
          {nothing.body}
        </EmptyState>
      )}
    </>
  );
}
