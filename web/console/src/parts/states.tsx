/** What stands where content will be, is not yet, or could not come. */

import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { useExplain } from "@/words/errors";
import { words } from "@/words/shared";
import { useWords } from "@/words/words";
import styles from "./states.module.css";

/** Lines where lines will be. */
export function SkeletonRows({ rows = 6, height = 20 }: { rows?: number; height?: number }) {
  const { loading } = useWords(words);
  return (
    <div className={styles.rows} role="status" aria-label={loading}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: nothing but its place tells one from another
        <Skeleton key={row} height={height} width={`${92 - ((row * 17) % 34)}%`} />
      ))}
    </div>
  );
}

export function SkeletonBlock({ height }: { height: number }) {
  const { loading } = useWords(words);
  return <Skeleton height={height} role="status" aria-label={loading} />;
}

/** Nothing is here yet: what it will be good for, and the first step. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      {icon && <div className={styles.icon}>{icon}</div>}
      <h3>{title}</h3>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

/** What happened, and a way on. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const explain = useExplain();
  const say = useWords(words);
  return (
    <div className={styles.failure} role="alert">
      <p>{explain(error)}</p>
      {retry && (
        <Button variant="default" size="xs" onClick={retry}>
          {say.retry}
        </Button>
      )}
    </div>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** A query's content, its skeleton, or what went wrong. Old content stays while new is fetched. */
export function Loaded<T>({
  query,
  skeleton,
  children,
}: {
  query: Asked<T>;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return <>{skeleton ?? <SkeletonRows />}</>;
}
