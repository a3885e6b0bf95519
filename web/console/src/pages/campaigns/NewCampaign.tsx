/** How a new campaign begins: from a scene, or from a look. */

import { Anchor } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { recipes as allRecipes } from "@/api/asked";
import { api, ask } from "@/api/client";
import { Gallery, useTemplates } from "@/messages/Gallery";
import { Page, Section } from "@/parts/Page";
import { showFailure } from "@/parts/toast";
import { useProject } from "@/shell/session";
import { usePick, useWords } from "@/words/words";
import type { Campaign } from "./campaign";
import styles from "./campaigns.module.css";
import { words } from "./words";

export default function NewCampaign() {
  const say = useWords(words);
  const pick = usePick();
  const project = useProject();
  const navigate = useNavigate();
  const client = useQueryClient();
  const templates = useTemplates(project.id);
  const [busy, setBusy] = useState(false);
  const recipes = useQuery(allRecipes());
  const begin = async (template: string) => {
    if (busy) return;
    setBusy(true);
    try {
      const told = await ask(
        api.GET("/api/projects/{project}/documents", { params: { path: { project: project.id }, query: { kind: "campaigns" } } }),
      );
      const taken = new Set(told.map((one) => one.id));
      const id = free(template, taken);
      const form = templates.data?.find((one) => one.name === template);
      const label = { ja: form?.label.ja ?? template, en: form?.label.en ?? template };
      const document: Campaign = {
        name: label.ja === label.en ? label.ja : label,
        state: "draft",
        trigger: { event: "view" },
        actions: [{ name: "A", template, texts: examples(form) }],
      };
      await ask(
        api.PUT("/api/projects/{project}/drafts/{kind}/{id}", {
          params: { path: { project: project.id, kind: "campaigns", id } },
          body: { revision: 0, document },
        }),
      );
      await client.invalidateQueries({ queryKey: ["campaigns"] });
      await navigate({ to: `/p/${project.id}/campaigns/${id}` });
    } catch (error) {
      showFailure(error);
      setBusy(false);
    }
  };
  return (
    <Page title={say.new.title} lead={say.new.lead} crumbs={[{ label: say.title, to: `/p/${project.id}/campaigns` }]} wide>
      <Section
        title={say.new.recipe}
        aside={
          <Anchor component={Link} to={`/p/${project.id}/recipes`} size="sm">
            {say.new.allRecipes}
          </Anchor>
        }
      >
        <p className={styles.hint}>{say.new.recipeLead}</p>
        <div className={styles.scenes}>
          {(recipes.data ?? []).map((one) => (
            <Link key={one.name} to={`/p/${project.id}/recipes/${one.name}`} className={styles.scene}>
              {pick(one.label)}
            </Link>
          ))}
        </div>
      </Section>
      <Section title={say.new.template}>
        <Gallery project={project.id} onPick={(template) => void begin(template)} />
      </Section>
    </Page>
  );
}

function free(template: string, taken: ReadonlySet<string>): string {
  if (!taken.has(template)) return template;
  let n = 2;
  while (taken.has(`${template}_${n}`)) n += 1;
  return `${template}_${n}`;
}

/** What has to be filled in begins with the template's own example, so that there is something to look at. */
function examples(
  form: { questions: { name: string; must_be_filled?: boolean; example?: unknown; default?: unknown }[] } | undefined,
) {
  return Object.fromEntries(
    (form?.questions ?? [])
      .filter((one) => one.must_be_filled && one.example !== null && one.example !== undefined && !one.default)
      .map((one) => [one.name, one.example]),
  );
}
