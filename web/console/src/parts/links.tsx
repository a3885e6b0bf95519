/** The names of things, each a way to the thing. */

import { Anchor } from "@mantine/core";
import { IconUser, IconUserCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import styles from "./links.module.css";

/** A person: their member id if they have one, else the beginning of the visitor id. Leads to their story. */
export function PersonLink({
  project,
  person,
  userId,
  name,
}: {
  project: string;
  person: string;
  userId?: string | null;
  name?: string | null;
}) {
  const Icon = userId ? IconUserCheck : IconUser;
  return (
    <Anchor
      component={Link}
      to={`/p/${project}/people/${encodeURIComponent(person)}`}
      className={styles.person}
      title={userId ?? person}
    >
      <Icon size={15} stroke={1.6} aria-hidden />
      <span>{name || userId || `${person.slice(0, 8)}…`}</span>
    </Anchor>
  );
}

export function CampaignLink({
  project,
  campaign,
  children,
  report,
}: {
  project: string;
  campaign: string;
  children: ReactNode;
  report?: boolean;
}) {
  return (
    <Anchor component={Link} to={`/p/${project}/campaigns/${campaign}${report ? "/report" : ""}`}>
      {children}
    </Anchor>
  );
}

/** A segment as a chip; its colour follows from its id and is the same everywhere. */
export function SegmentChip({ project, segment, children }: { project: string; segment: string; children: ReactNode }) {
  return (
    <Link to={`/p/${project}/segments/${segment}`} className={styles.chip} data-hue={hue(segment)}>
      {children}
    </Link>
  );
}

function hue(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 6007;
  return sum % 6;
}
