/** Seeing it on one's own site: a test link, its code for a phone, and whether somebody would see it now. */

import { Anchor, Button, TextInput } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { codeImage } from "@/fitting/code";
import { useSitePages } from "@/fitting/usePage";
import { WouldI } from "@/fitting/WouldI";
import { Section } from "@/parts/Page";
import { showFailure } from "@/parts/toast";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useLanguage, useWords } from "@/words/words";
import type { Campaign } from "./campaign";
import styles from "./campaigns.module.css";
import type { Drafting } from "./useDraft";
import { words } from "./words";

export function OnSite({ id, drafting, may }: { id: string; campaign: Campaign; drafting: Drafting<Campaign>; may: boolean }) {
  const say = useWords(words).site;
  const project = useProject();
  const format = useFormats(project.time_zone);
  const pages = useSitePages(project.id);
  const [url, setUrl] = useState("");
  const people = useMay("people");
  const address = url || pages[0] || "";
  const link = useMutation({
    mutationFn: () =>
      ask(
        api.POST("/api/projects/{project}/test-links", {
          params: { path: { project: project.id } },
          body: { url: address, campaigns: [id] },
        }),
      ),
    onError: showFailure,
  });
  const onSite = drafting.told?.document !== null;
  return (
    <Section title={say.title} aside={say.text}>
      {!onSite ? (
        <p className={styles.hint}>{say.unpublished}</p>
      ) : may ? (
        <>
          {drafting.draft && <p className={styles.hint}>{say.draftBeside}</p>}
          <form
            className={styles.asking}
            onSubmit={(event) => {
              event.preventDefault();
              link.mutate();
            }}
          >
            <TextInput
              className={styles.grow}
              label={say.address}
              type="url"
              required={pages.length === 0}
              placeholder={pages[0] ?? "https://shop.example/"}
              value={url}
              onChange={(event) => setUrl(event.currentTarget.value)}
              list="site-pages"
            />
            <datalist id="site-pages">
              {pages.map((page) => (
                <option key={page} value={page} />
              ))}
            </datalist>
            <Button type="submit" variant="default" loading={link.isPending} disabled={!address}>
              {say.make}
            </Button>
          </form>
          {link.data && (
            <div className={styles.link}>
              <img src={codeImage(link.data.code)} alt={say.code} width={148} height={148} />
              <div>
                <Button
                  component="a"
                  href={link.data.url}
                  target="_blank"
                  rel="noopener"
                  leftSection={<IconExternalLink size={16} />}
                >
                  {say.open}
                </Button>
                <p className={styles.hint}>{say.until(format.dateTime(link.data.until))}</p>
                <Anchor href={link.data.url} target="_blank" rel="noopener" className={styles.url}>
                  {link.data.url}
                </Anchor>
              </div>
            </div>
          )}
        </>
      ) : null}
      {onSite && <WouldI campaign={id}>{(why) => <Answer why={why} />}</WouldI>}
      {onSite && people && <WouldThey id={id} />}
    </Section>
  );
}

function WouldThey({ id }: { id: string }) {
  const say = useWords(words);
  const project = useProject();
  const [name, setName] = useState("");
  const why = useMutation({
    mutationFn: () =>
      ask(
        api.GET("/api/projects/{project}/people/{name}/why", {
          params: { path: { project: project.id, name: name.trim() }, query: { campaign: id } },
        }),
      ),
    onError: showFailure,
  });
  return (
    <div className={styles.block}>
      <h3 className={styles.small}>{say.site.who}</h3>
      <form
        className={styles.asking}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) why.mutate();
        }}
      >
        <TextInput
          className={styles.grow}
          aria-label={say.site.who}
          placeholder={say.site.whoHelp}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={why.isPending}>
          {say.site.ask}
        </Button>
      </form>
      {why.data && <Answer why={why.data} />}
    </div>
  );
}

function Answer({ why }: { why: Schemas["Why"] }) {
  const say = useWords(words);
  const ja = useLanguage() === "ja";
  const gate = say.gates[why.gate as keyof typeof say.gates] ?? why.gate;
  const told = why.gate === "shown" ? say.site.shown : why.gate === "holdout" ? say.site.holdout : say.site.withheld(gate);
  return (
    <div className={styles.answer} data-gate={why.gate} role="status">
      <p>
        <b>{told}</b>
      </p>
      {why.unshown && why.gate === "shown" && <p>{say.site.unshown(why.unshown.reason)}</p>}
      {why.compared.length > 0 && (
        <table className={styles.compared}>
          <thead>
            <tr>
              <td />
              <th scope="col">{say.site.wanted}</th>
              <th scope="col">{say.site.found}</th>
            </tr>
          </thead>
          <tbody>
            {why.compared.map((row) => (
              <tr key={row.path} data-passed={row.passed}>
                <th scope="row">{ja ? row.subject_ja : row.subject_en}</th>
                <td>{ja ? row.wanted_ja : row.wanted_en}</td>
                <td>{row.found === null || row.found === undefined ? say.site.nothing : String(row.found)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
