/** The twelve scenes, each as it would look here. */

import { IconCode } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { recipes as allRecipes } from "@/api/asked";
import { api, ask, type Schemas } from "@/api/client";
import { MessageFrame } from "@/messages/MessageFrame";
import { usePreview } from "@/messages/usePreview";
import { Page } from "@/parts/Page";
import { Loaded, SkeletonBlock } from "@/parts/states";
import { useProject } from "@/shell/session";
import { useLanguage, usePick, useWords } from "@/words/words";
import { words } from "../campaigns/words";
import { defaults, messages, type Recipe } from "./filled";
import styles from "./recipes.module.css";

export default function Recipes() {
  const say = useWords(words).recipes;
  const query = useQuery(allRecipes());
  return (
    <Page title={say.title} lead={say.lead} wide>
      <Loaded query={query} skeleton={<SkeletonBlock height={420} />}>
        {(recipes) => (
          <ul className={styles.grid}>
            {recipes.map((one) => (
              <li key={one.name}>
                <Card recipe={one} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Page>
  );
}

type Listed = Pick<Schemas["Recipe"], "name" | "scenario" | "label" | "description">;

export function useRecipe(name: string) {
  return useQuery({
    queryKey: ["recipe", name],
    queryFn: ({ signal }) => ask(api.GET("/api/recipes/{recipe}", { params: { path: { recipe: name } }, signal })),
    staleTime: 300_000,
  });
}

function Card({ recipe }: { recipe: Listed }) {
  const say = useWords(words).recipes;
  const pick = usePick();
  const project = useProject();
  const plate = useRef<HTMLSpanElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (!plate.current || near) return;
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && setNear(true), {
      rootMargin: "200px",
    });
    watch.observe(plate.current);
    return () => watch.disconnect();
  }, [near]);
  return (
    <Link to={`/p/${project.id}/recipes/${recipe.name}`} className={styles.card} data-recipe={recipe.name}>
      <span className={styles.plate} ref={plate}>
        {near && <Picture name={recipe.name} title={pick(recipe.label)} />}
      </span>
      <span className={styles.scenario}>{say.scenario(String(recipe.scenario))}</span>
      <span className={styles.label}>{pick(recipe.label)}</span>
      <span className={styles.description}>{pick(recipe.description)}</span>
    </Link>
  );
}

function Picture({ name, title }: { name: string; title: string }) {
  const { data } = useRecipe(name);
  return data ? <Drawn recipe={data} title={title} /> : null;
}

function Drawn({ recipe, title }: { recipe: Recipe; title: string }) {
  const project = useProject();
  const language = useLanguage();
  const [first] = messages(recipe, defaults(recipe));
  const drawn = usePreview(project.id, first ?? null, { language });
  const template = first?.template ?? "";
  // A message that lives on a table of the recipe cannot be drawn before the table is there: the template's own example stands in.
  const sample = useQuery({
    queryKey: ["template-sample", project.id, template, language],
    enabled: template !== "" && drawn.message === null && drawn.problems.length > 0,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/projects/{project}/templates/{name}/sample", {
          params: { path: { project: project.id, name: template }, query: { language } },
          signal,
        }),
      ),
    staleTime: 300_000,
  });
  const message = drawn.message ?? sample.data ?? null;
  if (!message || message.kind === "script")
    return (
      <span className={styles.silent}>
        <IconCode size={32} stroke={1.2} aria-hidden />
      </span>
    );
  return (
    <MessageFrame
      draw={message}
      language={language}
      theme="light"
      site={drawn.site}
      width={820}
      height={500}
      title={title}
      still
      inert
    />
  );
}
