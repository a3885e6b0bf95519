/** A project begins: its name and its site; the tag comes on the next page. */

import { Button, Select, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiError, api, ask } from "@/api/client";
import { Page } from "@/parts/Page";
import { showFailure } from "@/parts/toast";
import { UnsavedGuard } from "@/parts/unsaved";
import { useRefreshMe } from "@/shell/session";
import { useLanguage, useWords } from "@/words/words";
import { words } from "./words";

const zones = Intl.supportedValuesOf("timeZone");

/** `https://www.tea-shop.example` is `tea-shop`. */
function idOf(origin: string): string {
  const host = /^https?:\/\/(?:www\.)?([a-z0-9-]+)/i.exec(origin.trim())?.[1] ?? "";
  return host.toLowerCase();
}

const EXAMPLE = "https://shop.example";

export default function NewProject() {
  const say = useWords(words);
  const language = useLanguage();
  const navigate = useNavigate();
  const refresh = useRefreshMe();
  const [name, setName] = useState("");
  const [origin, setOrigin] = useState("");
  const [id, setId] = useState<string>();
  const [spoken, setSpoken] = useState<"ja" | "en">(language);
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const shownId = id ?? idOf(origin);
  const begin = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/projects", {
          body: { id: shownId, name: name.trim(), origin: origin.trim().replace(/\/+$/, ""), language: spoken, time_zone: zone },
        }),
      ),
    onSuccess: async (begun) => {
      await refresh();
      await navigate({ to: `/p/${begun.id}/settings/site` });
    },
    onError: (error) => whereIs(error) ?? showFailure(error),
  });
  const place = whereIs(begin.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin.mutate();
  };
  return (
    <Page title={say.title} lead={say.lead}>
      <UnsavedGuard dirty={(name !== "" || origin !== "") && begin.isIdle} />
      <form onSubmit={submit} style={{ maxWidth: 480 }}>
        <Stack gap="lg">
          <TextInput
            label={say.name}
            placeholder={say.namePlaceholder}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            maxLength={80}
            data-autofocus
          />
          <TextInput
            type="url"
            label={say.origin}
            description={say.originHint}
            placeholder={EXAMPLE}
            value={origin}
            onChange={(event) => setOrigin(event.currentTarget.value)}
            error={place === "origins" && say.wrong.origin}
            required
          />
          <TextInput
            label={say.id}
            description={say.idHint}
            value={shownId}
            onChange={(event) => setId(event.currentTarget.value)}
            error={place === "id" && say.wrong.id}
            required
            maxLength={64}
          />
          <Select
            label={say.language}
            data={(["ja", "en"] as const).map((value) => ({ value, label: say.languages[value] }))}
            value={spoken}
            onChange={(value) => value && setSpoken(value as "ja" | "en")}
            allowDeselect={false}
          />
          <Select
            label={say.timeZone}
            description={say.timeZoneHint}
            data={zones}
            value={zone}
            onChange={(value) => value && setZone(value)}
            searchable
            allowDeselect={false}
          />
          <Button
            type="submit"
            color="vermilion"
            loading={begin.isPending}
            style={{ justifySelf: "start", width: "fit-content" }}
          >
            {say.begin}
          </Button>
        </Stack>
      </form>
    </Page>
  );
}

/** Which field the API refused, if it was one of these. */
function whereIs(error: unknown): "id" | "origins" | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.where === "id" || error.problems.some((problem) => problem.path.startsWith("id"))) return "id";
  return error.problems.some((problem) => problem.path.startsWith("origins")) ? "origins" : undefined;
}
