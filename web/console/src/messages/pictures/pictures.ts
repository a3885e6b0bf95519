/** The project's pictures: asked for, uploaded, described, cropped. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { pictures as allPictures } from "@/api/asked";
import { ask, askedIn, csrfToken, refused, type Schemas } from "@/api/client";

export type Picture = Schemas["Picture"];
export type Alt = Schemas["Alt"];
/** A part of a picture in its own pixels. */
export interface Zone {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const LARGEST_MB = 12;
export const ACCEPTED = "image/jpeg,image/png,image/webp,image/avif,image/gif,image/svg+xml";

const ADDRESS = /\/assets\/([A-Za-z0-9_-]+)\/([0-9a-f]{32})\/[a-z0-9_-]+\.(?:webp|svg)$/;

/** Where the console itself shows a picture that stands in a message; undefined for one that is not of the library. */
export function thumbnail(url: string): string | undefined {
  const found = ADDRESS.exec(url);
  if (found) return `/api/projects/${found[1]}/assets/${found[2]}/file`;
  if (url.includes("{{")) return undefined;
  return url.startsWith("https://") || url.startsWith("/preview/art/") ? url : undefined;
}

export function usePictures(project: string) {
  return useQuery(allPictures(project));
}

export function useRefreshPictures(project: string): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: allPictures(project).queryKey });
}

/** Sends a file with its description; throws `ApiError`. */
export async function upload(project: string, file: File, alt: Alt, zone?: Zone): Promise<Picture> {
  const form = new FormData();
  form.set("file", file, file.name);
  form.set("alt_ja", alt.ja ?? "");
  form.set("alt_en", alt.en ?? "");
  if (zone) form.set("crop", [zone.x, zone.y, zone.width, zone.height].join());
  const answer = await ask(
    fetch(`/api/projects/${project}/assets`, {
      method: "POST",
      body: form,
      credentials: "same-origin",
      headers: { "X-CSRF-Token": csrfToken(), "Accept-Language": askedIn() },
    }).then(async (response) => {
      const data = (await response.json().catch(() => undefined)) as unknown;
      return response.ok ? { data: data as Picture, response } : { error: data, response };
    }),
  );
  if (answer === undefined) throw refused(500, undefined);
  return answer;
}

/** Width and height, and weight, as all languages write them. */
export const sized = (width: string, height: string) => `${width} × ${height} px`;
export const weighing = (kilobytes: string) => `${kilobytes} KB`;

/** The largest part of this ratio, in the middle. */
export function middle(width: number, height: number, ratio: number | null): Zone {
  if (ratio === null) return { x: 0, y: 0, width, height };
  const wide = Math.min(width, Math.round(height * ratio));
  const high = Math.min(height, Math.round(wide / ratio));
  return { x: Math.round((width - wide) / 2), y: Math.round((height - high) / 2), width: wide, height: high };
}

/** The part, kept inside the picture and no smaller than can be seen. */
export function inside(zone: Zone, width: number, height: number): Zone {
  const wide = Math.max(1, Math.min(Math.round(zone.width), width));
  const high = Math.max(1, Math.min(Math.round(zone.height), height));
  return {
    x: Math.max(0, Math.min(Math.round(zone.x), width - wide)),
    y: Math.max(0, Math.min(Math.round(zone.y), height - high)),
    width: wide,
    height: high,
  };
}

/** Whether a picture is called so, in any of its words. */
export function named(picture: Picture, asked: string): boolean {
  const wanted = asked.trim().toLocaleLowerCase();
  return [picture.title, picture.alt.ja, picture.alt.en].some((one) => (one ?? "").toLocaleLowerCase().includes(wanted));
}
