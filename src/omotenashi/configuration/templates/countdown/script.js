const minutes = {{ minutes | json }};
const end = minutes > 0 ? own(minutes) : {{ ends_at | json }};
const days = widget.element.querySelector(".days");
let timer;

/** The end of this browser's own time, which began when it first came here. */
function own(minutes) {
  const kept = Number(widget.storage.get("end"));
  const end = kept || Date.now() + minutes * 60_000;
  if (!kept) widget.storage.set("end", end);
  return end;
}

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

widget.signal.addEventListener("abort", () => clearTimeout(timer));
tick();
