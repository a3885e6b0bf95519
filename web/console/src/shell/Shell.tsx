/** The frame around every page: the menu at the side, the search at the top, the emergency stop always at hand. */

import { ActionIcon, Burger, Button, Drawer, Menu, Select, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconCheck,
  IconDeviceDesktop,
  IconHandStop,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconPlayerPlay,
  IconPlus,
  IconSearch,
  IconSun,
  IconUserCircle,
} from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useParams, useRouterState } from "@tanstack/react-router";
import { useContext, useEffect } from "react";
import { api, ask } from "@/api/client";
import { showFailure, showUndo, Toasts } from "@/parts/toast";
import { words } from "@/words/shared";
import { LanguageContext, usePick, useWords } from "@/words/words";
import { openPalette, Palette } from "./Palette";
import { PAGES } from "./pages";
import { type Appearance, useAppearance } from "./preferences";
import styles from "./Shell.module.css";
import { type MyProject, mayBegin, useMe, useRefreshMe } from "./session";

export function Shell() {
  const me = useMe();
  const say = useWords(words);
  const { project: id } = useParams({ strict: false }) as { project?: string };
  const project = me.projects.find((one) => one.id === id);
  const [opened, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(close, [path]);
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {say.skip}
      </a>
      <aside className={styles.side}>
        <Side project={project} />
      </aside>
      <Drawer opened={opened} onClose={close} size={248} title={say.product} classNames={{ content: styles.drawer }}>
        <Side project={project} />
      </Drawer>
      <div className={styles.main}>
        <header className={styles.top}>
          <Burger opened={opened} onClick={toggle} size="sm" className={styles.burger} aria-label={say.nav.open} />
          {project && (
            <UnstyledButton className={styles.search} onClick={openPalette}>
              <IconSearch size={16} stroke={1.6} aria-hidden />
              <span>{say.palette.placeholder}</span>
              <kbd>⌘K</kbd>
            </UnstyledButton>
          )}
          <div className={styles.tools}>
            {project && <EmergencyStop project={project} />}
            <Self />
          </div>
        </header>
        {project?.messages_stopped && (
          <div className={styles.banner} role="status">
            <IconHandStop size={16} stroke={1.8} aria-hidden /> {say.stop.banner}
          </div>
        )}
        <main id="content" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      {project && <Palette project={project} />}
      <Toasts />
    </div>
  );
}

function Side({ project }: { project: MyProject | undefined }) {
  const me = useMe();
  const say = useWords(words);
  const pick = usePick();
  const navigate = useNavigate();
  const groups = ["watch", "build", "data"] as const;
  return (
    <div className={styles.sideInner}>
      <Link to={project ? `/p/${project.id}` : "/"} className={styles.brand}>
        <img src="/icon.svg" alt="" width={24} height={24} />
        <span>{say.product}</span>
      </Link>
      {me.projects.length > 1 && (
        <Select
          size="xs"
          aria-label={say.nav.project}
          data={me.projects.map((one) => ({ value: one.id, label: pick(one.name) }))}
          value={project?.id ?? null}
          allowDeselect={false}
          onChange={(id) => id && void navigate({ to: `/p/${id}` })}
        />
      )}
      {project && (
        <nav aria-label={say.nav.main} className={styles.nav}>
          {groups.map((group) => (
            <div key={group} className={styles.group}>
              <div className={styles.groupName}>{say.nav[group]}</div>
              {PAGES.filter(
                (page) => page.group === group && (!page.needs || (project.rights as readonly string[]).includes(page.needs)),
              ).map((page) => (
                <Link
                  key={page.key}
                  to={`/p/${project.id}${page.path && `/${page.path}`}`}
                  activeOptions={{ exact: page.path === "", includeSearch: false }}
                  className={styles.place}
                  activeProps={{ "data-here": true }}
                >
                  <page.icon size={18} stroke={1.6} aria-hidden />
                  <span>{say.nav[page.key]}</span>
                </Link>
              ))}
            </div>
          ))}
        </nav>
      )}
    </div>
  );
}

/** Works within a second, and back. Measuring goes on. */
function EmergencyStop({ project }: { project: MyProject }) {
  const { stop: say } = useWords(words);
  const refresh = useRefreshMe();
  const change = async (stopped: boolean) => {
    await ask(
      api.POST("/api/projects/{project}/switches", {
        params: { path: { project: project.id } },
        body: { messages_stopped: stopped },
      }),
    );
    await refresh();
  };
  const turn = useMutation({
    mutationFn: change,
    onSuccess: (_, stopped) => showUndo(stopped ? say.did : say.resumed, () => change(!stopped)),
    onError: showFailure,
  });
  if (!(project.rights as readonly string[]).includes("edit")) return null;
  const stopped = project.messages_stopped;
  return (
    <Button
      size="xs"
      variant={stopped ? "filled" : "default"}
      color={stopped ? "matcha" : "vermilion"}
      className={styles.stop}
      leftSection={
        stopped ? <IconPlayerPlay size={16} stroke={1.8} aria-hidden /> : <IconHandStop size={16} stroke={1.8} aria-hidden />
      }
      loading={turn.isPending}
      onClick={() => turn.mutate(!stopped)}
      data-stopped={stopped || undefined}
      aria-label={stopped ? say.resume : say.stop}
    >
      <span className={styles.stopText}>{stopped ? say.resume : say.stop}</span>
    </Button>
  );
}

const LOOKS: readonly [Appearance, typeof IconSun][] = [
  ["light", IconSun],
  ["dark", IconMoon],
  ["auto", IconDeviceDesktop],
];

function Self() {
  const me = useMe();
  const say = useWords(words);
  const navigate = useNavigate();
  const refresh = useRefreshMe();
  const { language, change } = useContext(LanguageContext);
  const { appearance, change: wear } = useAppearance();
  const signOut = async () => {
    await ask(api.DELETE("/api/session"));
    await navigate({ to: "/sign-in" });
    await refresh();
  };
  return (
    <Menu position="bottom-end" width={232} shadow="none" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" size="lg" aria-label={me.name}>
          <IconUserCircle size={22} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name}
          <br />
          {me.mail}
        </Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} stroke={1.6} />}>
          {say.nav.account}
        </Menu.Item>
        <Menu.Item
          lang={language === "ja" ? "en" : "ja"}
          leftSection={<IconLanguage size={16} stroke={1.6} />}
          onClick={() => change(language === "ja" ? "en" : "ja")}
        >
          {say.look.language}
        </Menu.Item>
        {mayBegin(me) && (
          <Menu.Item component={Link} to="/new-project" leftSection={<IconPlus size={16} stroke={1.6} />}>
            {say.nav.newProject}
          </Menu.Item>
        )}
        <Menu.Divider />
        {LOOKS.map(([look, Icon]) => (
          <Menu.Item
            key={look}
            leftSection={<Icon size={16} stroke={1.6} />}
            rightSection={appearance === look ? <IconCheck size={14} /> : undefined}
            onClick={() => wear(look)}
          >
            {say.look[look]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.6} />} onClick={() => void signOut()}>
          {say.nav.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
