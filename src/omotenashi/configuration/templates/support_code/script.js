const words = {{ language | json }} === "ja"
  ? { left: (minutes) => `あと${minutes}分使えます`, over: "この番号の期限が切れました。", failed: "番号を表示できませんでした。" }
  : {
      left: (minutes) => (minutes === 1 ? "Good for one more minute" : `Good for ${minutes} more minutes`),
      over: "This number has expired.",
      failed: "The number could not be shown.",
    };
const NONE = "––– –––";
const digits = widget.element.querySelector(".code > span");
const again = widget.element.querySelector(".again");
let until = 0;
let timer;

/** Where the message is only drawn there is no tag, and the number is an example. */
async function ask() {
  again.hidden = true;
  const told = typeof omotenashi === "function" ? await omotenashi("supportCode") : { ok: true, code: "123456", leftMs: 900_000 };
  if (widget.signal.aborted) return;
  if (!told.ok) return end(words.failed);
  until = Date.now() + told.leftMs;
  widget.set("code", `${told.code.slice(0, 3)} ${told.code.slice(3)}`);
  digits.setAttribute("aria-label", [...told.code].join(" "));
  tick();
}

function tick() {
  const minutes = Math.ceil((until - Date.now()) / 60_000);
  if (minutes <= 0) return end(words.over);
  widget.set("left", words.left(minutes));
  timer = setTimeout(tick, 5_000);
}

function end(why) {
  widget.set("code", NONE);
  digits.removeAttribute("aria-label");
  widget.set("left", why);
  again.hidden = false;
}

again.addEventListener("click", ask, { signal: widget.signal });
widget.signal.addEventListener("abort", () => clearTimeout(timer));
widget.on("show", ask);
