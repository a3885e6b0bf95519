/** The pages of a project that the menu and the palette lead to. */

import {
  IconActivityHeartbeat,
  IconBolt,
  IconBroadcast,
  IconChefHat,
  IconFilter,
  IconHome,
  IconLayoutGrid,
  IconMessage2,
  IconPhoto,
  IconSettings,
  IconTable,
  IconTransform,
  IconUsers,
  IconVideo,
  type TablerIcon,
} from "@tabler/icons-react";
import type { words } from "@/words/shared";

export interface PlaceInMenu {
  key: Exclude<
    keyof (typeof words)["ja"]["nav"],
    "main" | "open" | "signOut" | "newProject" | "account" | "project" | "watch" | "build" | "data"
  >;
  path: string;
  icon: TablerIcon;
  group: "watch" | "build" | "data";
  /** Only for those who have this right. */
  needs?: "people" | "edit" | "recordings";
}

export const PAGES: readonly PlaceInMenu[] = [
  { key: "home", path: "", icon: IconHome, group: "watch" },
  { key: "now", path: "now", icon: IconActivityHeartbeat, group: "watch", needs: "people" },
  { key: "people", path: "people", icon: IconUsers, group: "watch", needs: "people" },
  { key: "live", path: "live", icon: IconBroadcast, group: "watch", needs: "recordings" },
  { key: "recordings", path: "recordings", icon: IconVideo, group: "watch", needs: "recordings" },
  { key: "segments", path: "segments", icon: IconFilter, group: "build" },
  { key: "campaigns", path: "campaigns", icon: IconMessage2, group: "build" },
  { key: "recipes", path: "recipes", icon: IconChefHat, group: "build" },
  { key: "gallery", path: "gallery", icon: IconLayoutGrid, group: "build" },
  { key: "assets", path: "assets", icon: IconPhoto, group: "build" },
  { key: "events", path: "events", icon: IconBolt, group: "data" },
  { key: "derived", path: "derived-events", icon: IconTransform, group: "data" },
  { key: "tables", path: "tables", icon: IconTable, group: "data" },
  { key: "settings", path: "settings", icon: IconSettings, group: "data" },
];
