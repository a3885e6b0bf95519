/** A page that failed while it was drawn, or does not exist. */

import { Button } from "@mantine/core";
import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { ApiError } from "@/api/client";
import { EmptyState } from "@/parts/states";
import { words } from "@/words/shared";
import { useWords } from "@/words/words";

export function Broken({ error }: ErrorComponentProps) {
  const say = useWords(words);
  if (error instanceof ApiError && error.status === 404) return <Nowhere />;
  console.error(error);
  return (
    <div style={{ padding: 32 }}>
      <EmptyState title={say.errors.broken} action={<Button onClick={() => location.reload()}>{say.retry}</Button>}>
        {error instanceof Error ? error.message : ""}
      </EmptyState>
    </div>
  );
}

export function Nowhere() {
  const say = useWords(words);
  return (
    <div style={{ padding: 32 }}>
      <EmptyState
        title={say.errors.notFound}
        action={
          <Button component={Link} to="/" variant="default">
            {say.nav.home}
          </Button>
        }
      />
    </div>
  );
}
