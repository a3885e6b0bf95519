const minutes = {{ minutes | json }};
const own = widget.storage.get("end") ?? Date.now() + minutes * 60_000;
const end = minutes > 0 ? own : {{ ends_at | json }};
const days = widget.element.querySelector(".days");
let timer;

function two(number) {
  return String(number).padStart(2, "0");
}

function tick() {
  const wait = end - Date.now();
  if (!(wait > 0)) return over();
  const left = Math.ceil(wait / 1000);
  days.hidden = left < 86_400;
  widget.set("days", String(Math.floor(left / 86_400)));
  widget.set("hours", two(Math.floor(left / 3600) % 24));
  widget.set("minutes", two(Math.floor(left / 60) % 60));
  widget.set("seconds", two(left % 60));
  timer = setTimeout(tick, wait % 1000 || 1000);
}

function over() {
  if ({{ when_over | json }} === "close") widget.close("timer");
  else widget.setState("over");
}

// A visitor's own time begins when the message is seen, and goes on from page to page.
if (minutes > 0) widget.on("show", () => widget.storage.set("end", own));
widget.signal.addEventListener("abort", () => clearTimeout(timer));
tick();
