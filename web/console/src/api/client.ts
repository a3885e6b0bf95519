/** The staff API, typed from its own description. Whatever goes wrong is one `ApiError`. */

import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

export interface Problem {
  file: string;
  line: number;
  path: string;
  message: string;
}

/** What the API answered instead: `code` is stable, `message` is for people, `where` names the field. `status` 0: no answer. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly where = "",
    readonly problems: readonly Problem[] = [],
    /** The whole answer: a conflict carries the other's draft. */
    readonly body: unknown = undefined,
  ) {
    super(message);
  }
}

let csrf = "";

/** Kept from `GET /api/me`; every request that changes something carries it. */
export function keepCsrf(token: string): void {
  csrf = token;
}

export function csrfToken(): string {
  return csrf;
}

let language = "en";

/** What the answers' messages are in from now on; what was answered before stays as it is. */
export function askIn(to: "ja" | "en"): void {
  language = to;
}

export function askedIn(): string {
  return language;
}

export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
  credentials: "same-origin",
});

api.use({
  onRequest({ request }) {
    if (request.method !== "GET" && request.method !== "HEAD") request.headers.set("X-CSRF-Token", csrf);
    request.headers.set("Accept-Language", language);
    return request;
  },
});

/** The error that an answer's body tells of. */
export function refused(status: number, body: unknown): ApiError {
  const told = (body as { error?: Partial<ApiError> & { problems?: Problem[] } } | undefined)?.error;
  return new ApiError(
    status,
    told?.code ?? "internal",
    told?.message ?? `HTTP ${status}`,
    told?.where ?? "",
    told?.problems ?? [],
    body,
  );
}

type Answered<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; throws `ApiError`. For `queryFn` and `mutationFn`. */
export async function ask<T>(request: Promise<Answered<T>>): Promise<T> {
  let answer: Answered<T>;
  try {
    answer = await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "");
  }
  if (!answer.response.ok) throw refused(answer.response.status, answer.error);
  return answer.data as T;
}
