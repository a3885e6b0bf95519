/** One person's story: a river of time down the page, with what is known of them beside it. */

import { Button } from "@mantine/core";
import { IconDownload, IconEraser } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, api, ask } from "@/api/client";
import { Mark } from "@/parts/Mark";
import { Page } from "@/parts/Page";
import { EmptyState, Failure, SkeletonBlock } from "@/parts/states";
import { showDone, showFailure } from "@/parts/toast";
import { Crest } from "@/people/Crest";
import { useNames, usePersonName } from "@/people/names";
import { save } from "@/people/save";
import { words as people } from "@/people/words";
import { useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import { Erase } from "./Erase";
import { Permission } from "./Permission";
import { River } from "./River";
import { Side } from "./Side";
import styles from "./Story.module.css";
import { TestDelivery } from "./TestDelivery";
import { type Portrait, useStory } from "./useStory";
import { Watchable } from "./Watch";
import { words } from "./words";

const HERE_MS = 5 * 60_000;

export default function Story() {
  const say = useWords(words);
  const project = useProject();
  const { name } = useParams({ strict: false }) as { name: string };
  const { profile, story, moments, connected, told } = useStory(project.id, name);
  const names = useNames();
  const formats = useFormats(project.time_zone);
  const called = usePersonName();
  const crumbs = [{ label: say.people, to: `/p/${project.id}/people` }];
  if (profile.error && !profile.data) {
    const gone = profile.error instanceof ApiError && profile.error.status === 404;
    return (
      <Page title={name} crumbs={crumbs}>
        {gone ? <EmptyState title={say.gone} /> : <Failure error={profile.error} retry={() => void profile.refetch()} />}
      </Page>
    );
  }
  const one = profile.data;
  if (!one)
    return (
      <Page title={name} crumbs={crumbs} wide>
        <SkeletonBlock height={480} />
      </Page>
    );
  const title = called({ person: one.person.person, name: one.name, user_id: one.person.user_id });
  return (
    <Page
      wide
      title={title}
      crumbs={crumbs}
      mark={
        <Marks
          portrait={one}
          latest={moments.find((moment) => moment.source === "tag")?.at ?? one.person.last_seen_at}
          connected={connected}
        />
      }
      lead={
        <span className={styles.lead}>
          <Crest person={one.person.person} size={44} />
          {say.lead(formats.date(one.person.first_seen_at), formats.number(one.person.visits), formats.number(one.person.views))}
        </span>
      }
      actions={
        <>
          <TestDelivery portrait={one} names={names} />
          <Export name={name} />
          <EraseButton portrait={one} title={title} />
        </>
      }
    >
      <div className={styles.layout}>
        <Watchable name={name} latest={moments[0]?.session ?? ""}>
          <div className={styles.main}>
            <Permission name={name} seq={one.seq} moments={moments} />
            <River query={story} moments={moments} names={names} formats={formats} name={name} told={told} />
          </div>
        </Watchable>
        <Side portrait={one} names={names} formats={formats} name={name} />
      </div>
    </Page>
  );
}

function Marks({ portrait, latest, connected }: { portrait: Portrait; latest: number; connected: boolean }) {
  const say = useWords(words);
  const said = useWords(people);
  const { ago } = useFormats();
  const here = connected && Date.now() - latest < HERE_MS;
  return (
    <span className={styles.marks}>
      <Mark tone={portrait.person.user_id ? "primary" : "plain"}>{portrait.person.user_id ? said.member : said.justVisitor}</Mark>
      {portrait.logged_in && <Mark>{say.loggedIn}</Mark>}
      <Mark tone={here ? "shown" : "plain"}>{here ? say.here : say.lastSeen(ago(latest))}</Mark>
    </span>
  );
}

function Export({ name }: { name: string }) {
  const say = useWords(words);
  const project = useProject();
  const download = useMutation({
    mutationFn: async () => {
      const file = await ask(
        api.POST("/api/projects/{project}/people/{name}/export", {
          params: { path: { project: project.id, name } },
          parseAs: "blob",
        }),
      );
      save(file as unknown as Blob, `person-${name}.json`);
    },
    onSuccess: () => showDone(say.exported),
    onError: showFailure,
  });
  return (
    <Button
      variant="default"
      title={say.exportHelp}
      leftSection={<IconDownload size={16} stroke={1.6} />}
      loading={download.isPending}
      onClick={() => download.mutate()}
    >
      {say.export}
    </Button>
  );
}

function EraseButton({ portrait, title }: { portrait: Portrait; title: string }) {
  const say = useWords(words);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<IconEraser size={16} stroke={1.6} />} onClick={() => setAsking(true)}>
        {say.erase}
      </Button>
      <Erase portrait={portrait} title={title} opened={asking} close={() => setAsking(false)} />
    </>
  );
}
