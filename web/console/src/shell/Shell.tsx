/** The frame around every page: the menu at the side, the search at the top, the emergency stop always at hand. */

import { ActionIcon, Burger, Button, Menu, UnstyledButton } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
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
import { lazy, Suspense, useContext, useEffect, useState } from "react";
import { api, ask } from "@/api/client";
import { showFailure, showUndo, Toasts } from "@/parts/toast";
import { words } from "@/words/shared";
import { LanguageContext, useWords } from "@/words/words";
import { type Appearance, useAppearance } from "./preferences";
import styles from "./Shell.module.css";
import { Side } from "./Side";
import { type MyProject, mayBegin, useMe, useRefreshMe } from "./session";

const Palette = lazy(() => import("./Palette"));
const PhoneMenu = lazy(() => import("./PhoneMenu"));

export function Shell() {
  const me = useMe();
  const say = useWords(words);
  const { project: id } = useParams({ strict: false }) as { project?: string };
  const project = me.projects.find((one) => one.id === id);
  const [opened, { toggle, close }] = useDisclosure(false);
  const [wasOpened, setWasOpened] = useState(false);
  const [isSought, setSought] = useState(false);
  // what few visits need comes when it is first wanted
  const seek = () => (isSought ? void import("./Palette").then(({ openPalette }) => openPalette()) : setSought(Boolean(project)));
  useHotkeys([
    ["mod+K", seek],
    ["/", seek],
  ]);
  const open = () => {
    setWasOpened(true);
    toggle();
  };
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(close, [path]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another project is searched anew
  useEffect(() => setSought(false), [project?.id]);
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {say.skip}
      </a>
      <aside className={styles.side}>
        <Side project={project} />
      </aside>
      <Suspense>{wasOpened && <PhoneMenu opened={opened} close={close} project={project} />}</Suspense>
      <div className={styles.main}>
        <header className={styles.top}>
          <Burger opened={opened} onClick={open} size="sm" className={styles.burger} aria-label={say.nav.open} />
          {project && (
            <UnstyledButton className={styles.search} onClick={seek}>
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
      <Suspense>{project && isSought && <Palette project={project} />}</Suspense>
      <Toasts />
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
