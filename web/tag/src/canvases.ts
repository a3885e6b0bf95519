/** What is painted on canvases, as pictures: where a project asks for it, a few times a second, and only what can be seen. */

const EVERY_MS = 500;
/** Pixels; what has more is not recorded. */
const LARGEST_CANVAS = 4_000_000;
/** Bytes of one picture: of what is larger, finer points are given up. */
const LARGEST_PICTURE = 300_000;
const COARSE = 0.6;

/** Told when a canvas looks otherwise than it last did; `base64` is a picture of the type. */
type Painted = (id: number, type: string, base64: string, canvas: HTMLCanvasElement) => void;

export class Canvases {
  /** By rrweb's id: what was last told of it. */
  private readonly said = new Map<number, string>();
  private readonly timer = setInterval(() => this.look(), EVERY_MS);
  private readonly busy = new Set<number>();

  /** `found` answers the canvas of an id, unless it may not be recorded (any more). */
  constructor(
    private readonly found: (id: number) => HTMLCanvasElement | null,
    private readonly painted: Painted,
  ) {}

  /** The page was written down, and a canvas in it without what is on it. */
  wrote(id: number): void {
    this.said.set(id, "");
  }

  look(): void {
    if (document.hidden) return;
    for (const [id, before] of this.said) {
      const canvas = this.found(id);
      if (canvas === null) this.said.delete(id);
      else if (!this.busy.has(id) && isSeen(canvas)) {
        this.busy.add(id);
        picture(canvas)
          .then((now) => {
            if (now === undefined || now === before || !this.said.has(id)) return;
            this.said.set(id, now);
            const [type = "", base64 = ""] = now.slice("data:".length).split(";base64,");
            this.painted(id, type, base64, canvas);
          })
          .catch(() => this.said.delete(id)) // something from elsewhere is on it: nobody may read it
          .finally(() => this.busy.delete(id));
      }
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.said.clear();
  }
}

function isSeen(canvas: HTMLCanvasElement): boolean {
  const { width, height } = canvas;
  if (width * height === 0 || width * height > LARGEST_CANVAS) return false;
  const { top, bottom, left, right } = canvas.getBoundingClientRect();
  const view = canvas.ownerDocument.defaultView;
  return view !== null && bottom > 0 && right > 0 && top < view.innerHeight && left < view.innerWidth;
}

/** A data address; undefined when it is too large at any price. */
async function picture(canvas: HTMLCanvasElement): Promise<string | undefined> {
  let blob = await encoded(canvas, 1); // without loss
  if (blob !== null && blob.size > LARGEST_PICTURE) blob = await encoded(canvas, COARSE);
  if (blob === null || blob.size > LARGEST_PICTURE) return undefined;
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new Error("unreadable"));
    reader.readAsDataURL(blob);
  });
}

function encoded(canvas: HTMLCanvasElement, quality: number): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, "image/webp", quality));
}
