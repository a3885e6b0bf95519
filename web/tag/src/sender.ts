/** The road to the edge: one request at a time, everything unacknowledged first, in order. */

import { type Clock, type Mark, mark } from "./clock";
import type { Queue, Waiting } from "./queue";
import { quiet } from "./quiet";
import type { Rejected, TrackAnswer, TrackEvent, TrackRequest } from "./wire";

const MOST_EVENTS = 50;
const MOST_BYTES = 40_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;
const PATIENCE_MS = 20_000;
/** What a busy page says in quick succession shares requests: a request costs the page more than what it carries. */
const APART_MS = 50;
/** A simple request: no preflight, one round trip less. */
const PLAIN = "text/plain";

export interface Sent {
  ok: boolean;
  code?: string;
}

/** The answer to a call that did what it says; with a code, that it did not. */
export function answer(code?: string): Promise<Sent> {
  return Promise.resolve(code === undefined ? { ok: true } : { ok: false, code });
}

/** What every request says besides its events; what is undefined is left out. */
export type Envelope = Omit<TrackRequest, "visitor" | "events" | "sent_at" | "fetch">;

export interface Road {
  endpoint: string;
  envelope: () => Envelope;
  /** False: nobody waits for messages here. */
  shows: boolean;
  answered: (answer: TrackAnswer, request: TrackRequest, sent: Mark) => void;
}

/** What came back for a request. Status 0: nothing did. */
interface Reply {
  status: number;
  answer?: TrackAnswer | null;
  /** The header: in how many seconds the edge wants to be asked again. */
  later?: string | null;
}

export class Sender {
  private readonly promises = new Map<string, (sent: Sent) => void>();
  private readonly flying = new Set<{ abort(): void }>();
  private busy = false;
  private failures = 0;
  /** How many events still go one by one, after the edge refused a batch of them. */
  private singly = 0;
  private closed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private notBefore = 0;

  constructor(
    private readonly queue: Queue,
    private readonly time: Clock,
    private readonly road: Road,
  ) {}

  /** Resolves when the edge has taken or refused the event; never rejects. */
  promise(id: string): Promise<Sent> {
    return new Promise((resolve) => this.promises.set(id, resolve));
  }

  resolve(id: string, sent: Sent): void {
    this.promises.get(id)?.(sent);
    this.promises.delete(id);
  }

  /** Sends soon: what else is said in this turn of the page travels along. */
  wake(): void {
    if (!this.busy) this.plan(Math.max(0, this.notBefore - this.time.steady()));
  }

  /** The network is said to be back: no more waiting, unless the edge itself asked for it. */
  online(): void {
    if (this.failures > 0) this.plan(0);
  }

  /** The page may die now. Sends without hoping for an answer; what stays unanswered is sent again by the next page. */
  beacon(): void {
    const batch = this.closed ? [] : this.queue.head(MOST_EVENTS, MOST_BYTES);
    if (batch.length === 0) return;
    this.plan(PATIENCE_MS); // should the page live on and this go unanswered
    const request = this.request(batch, false);
    const body = JSON.stringify(request);
    if ("keepalive" in Request.prototype) void this.outlive(request, body);
    else navigator.sendBeacon(this.road.endpoint, body);
  }

  /** Nothing more leaves this page, and no answer brings its cookie back. */
  close(): void {
    this.closed = true;
    for (const call of this.flying) call.abort();
    clearTimeout(this.timer);
    for (const id of [...this.promises.keys()]) this.resolve(id, { ok: false, code: "opted_out" });
  }

  private plan(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      quiet("send", () => this.flush()),
      wait,
    );
  }

  private flush(): void {
    if (this.busy || this.closed) return;
    const batch = this.queue.head(this.singly > 0 ? 1 : MOST_EVENTS, MOST_BYTES);
    if (batch.length === 0) return;
    this.busy = true;
    this.notBefore = this.time.steady() + APART_MS;
    const request = this.request(batch, true);
    this.ask(request, JSON.stringify(request));
  }

  private request(batch: Waiting[], fetch: boolean): TrackRequest {
    const { page, ...said } = this.road.envelope();
    const events = batch.map(({ event }): TrackEvent => {
      const { page: own, ...rest } = event;
      return own === undefined || own.id === page.id ? rest : { ...rest, page: { ...own, visible: false } };
    });
    return {
      ...said,
      visitor: batch[0]?.visitor ?? "",
      sent_at: this.time.now(),
      page,
      events,
      fetch: fetch && page.visible && this.road.shows,
    };
  }

  /** Costs the page's main thread less than `fetch`, whose answer is a stream, but cannot outlive the page. */
  private ask(request: TrackRequest, body: string): void {
    const sent = mark(this.time);
    const call = new XMLHttpRequest();
    const done = quiet("answer", (reply: Reply) => {
      this.flying.delete(call);
      this.busy = false;
      this.heard(request, sent, reply);
      if (this.queue.length > 0) this.wake();
    });
    this.flying.add(call);
    try {
      call.onloadend = () => {
        const { status, response } = call;
        done({ status, answer: response as TrackAnswer | null, later: status > 428 ? call.getResponseHeader("retry-after") : null });
      };
      call.open("POST", this.road.endpoint);
      call.timeout = PATIENCE_MS;
      call.responseType = "json";
      call.setRequestHeader("content-type", PLAIN);
      call.send(body);
    } catch {
      done({ status: 0 });
    }
  }

  private async outlive(request: TrackRequest, body: string): Promise<void> {
    const sent = mark(this.time);
    const call = new AbortController();
    this.flying.add(call);
    let reply: Reply = { status: 0 };
    try {
      const headers = { "content-type": PLAIN };
      const got = await fetch(this.road.endpoint, { method: "POST", body, headers, keepalive: true, signal: call.signal });
      reply = { status: got.status, answer: got.ok ? ((await got.json()) as TrackAnswer) : null };
    } catch {
      // nothing came back
    }
    this.flying.delete(call);
    this.heard(request, sent, reply);
  }

  private heard(request: TrackRequest, sent: Mark, { status, answer, later }: Reply): void {
    if (status >= 200 && status < 300 && answer) this.taken(request, answer, sent);
    else if (status < 300 || status === 429 || status >= 500) this.postponed(request, Number(later));
    else this.refused(request, status);
  }

  private taken(request: TrackRequest, answer: TrackAnswer, sent: Mark): void {
    if (this.closed) return;
    this.failures = 0;
    this.notBefore = Math.min(this.notBefore, this.time.steady() + APART_MS);
    this.singly = Math.max(0, this.singly - 1);
    this.queue.settle(ids(request));
    const refused = Array.isArray(answer.rejected) ? answer.rejected : [];
    const rejected = new Map<number, Rejected>(refused.map((one) => [one.index, one]));
    quiet("answer", this.road.answered)(answer, request, sent);
    request.events.forEach((event, index) => {
      const code = rejected.get(index)?.code;
      this.resolve(event.id, code === undefined || code === "duplicate" ? { ok: true } : { ok: false, code });
    });
  }

  private postponed(request: TrackRequest, seconds: number): void {
    this.failures += 1;
    this.queue.delay(ids(request));
    const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.failures - 1, 12));
    const asked = seconds > 0 ? Math.min(seconds * 1000, 60 * 60_000) : 0;
    const wait = Math.max(asked, backoff * (0.5 + Math.random() / 2));
    this.notBefore = this.time.steady() + wait;
    this.plan(wait);
  }

  /** The edge will never take this request. A batch is tried one by one, so that one bad event sinks alone. */
  private refused(request: TrackRequest, status: number): void {
    if ((status === 400 || status === 413) && request.events.length > 1) {
      this.singly = request.events.length;
      return;
    }
    this.singly = Math.max(0, this.singly - 1);
    this.queue.settle(ids(request));
    for (const event of request.events) this.resolve(event.id, { ok: false, code: `refused_${status}` });
  }
}

function ids(request: TrackRequest): Set<string> {
  return new Set(request.events.map((event) => event.id));
}
