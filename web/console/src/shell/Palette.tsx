/** ⌘K: one box that finds a person, a campaign, a segment or a page. */

import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight, spotlight } from "@mantine/spotlight";
import { IconFilter, IconHeadset, IconMessage2, IconSearch, IconUser } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, ask } from "@/api/client";
import { asSupportCode, words as codeWords, spoken, useSupportCode } from "@/people/supportCode";
import { words } from "@/words/shared";
import { usePick, useWords } from "@/words/words";
import { PAGES } from "./pages";
import type { MyProject } from "./session";

export function openPalette(): void {
  spotlight.open();
}

export default function Palette({ project }: { project: MyProject }) {
  const say = useWords(words);
  const sayCode = useWords(codeWords);
  useEffect(openPalette, []); // it comes when it is first wanted
  const [query, setQuery] = useState("");
  const [asked] = useDebouncedValue(query.trim(), 150);
  const navigate = useNavigate();
  const pick = usePick();
  const found = useQuery({
    queryKey: ["search", project.id, asked],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/projects/{project}/search", { params: { path: { project: project.id }, query: { q: asked } }, signal })),
    enabled: asked !== "",
    placeholderData: keepPreviousData,
  });
  const go = (path: string) => () => void navigate({ to: `/p/${project.id}${path}` });
  const pages = PAGES.filter((page) => say.nav[page.key].toLowerCase().includes(query.trim().toLowerCase()));
  const hits = asked ? found.data : undefined;
  const code = asSupportCode(query);
  const look = useSupportCode(project.id);
  const groups = [
    {
      label: say.palette.people,
      icon: IconUser,
      items: (hits?.people ?? []).map((one) => ({
        key: one.person,
        label: one.label,
        hint: one.hint,
        to: `/people/${encodeURIComponent(one.person)}`,
      })),
    },
    {
      label: say.palette.campaigns,
      icon: IconMessage2,
      items: (hits?.campaigns ?? []).map((one) => ({
        key: one.id,
        label: pick(one.name),
        hint: one.hint,
        to: `/campaigns/${one.id}`,
      })),
    },
    {
      label: say.palette.segments,
      icon: IconFilter,
      items: (hits?.segments ?? []).map((one) => ({
        key: one.id,
        label: pick(one.name),
        hint: one.id,
        to: `/segments/${one.id}`,
      })),
    },
  ].filter((group) => group.items.length);
  return (
    <Spotlight.Root query={query} onQueryChange={setQuery} shortcut={null} clearQueryOnClose>
      <Spotlight.Search
        placeholder={say.palette.placeholder}
        aria-label={say.palette.label}
        leftSection={<IconSearch size={18} stroke={1.6} />}
      />
      <Spotlight.ActionsList>
        {code && project.rights.includes("people") && (
          <Spotlight.ActionsGroup label={sayCode.group}>
            <Spotlight.Action
              label={sayCode.open(spoken(code))}
              leftSection={<IconHeadset size={18} stroke={1.6} />}
              onClick={() => look.mutate(code)}
            />
          </Spotlight.ActionsGroup>
        )}
        {groups.map((group) => (
          <Spotlight.ActionsGroup key={group.label} label={group.label}>
            {group.items.map((item) => (
              <Spotlight.Action
                key={item.key}
                label={item.label}
                description={item.hint}
                leftSection={<group.icon size={18} stroke={1.6} />}
                onClick={go(item.to)}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {pages.length > 0 && (
          <Spotlight.ActionsGroup label={say.palette.pages}>
            {pages.map((page) => (
              <Spotlight.Action
                key={page.key}
                label={say.nav[page.key]}
                leftSection={<page.icon size={18} stroke={1.6} />}
                onClick={go(page.path && `/${page.path}`)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {!code && !groups.length && !pages.length && <Spotlight.Empty>{say.palette.nothing}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
