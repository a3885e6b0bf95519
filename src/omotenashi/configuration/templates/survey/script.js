const form = widget.element.querySelector("form");
const pages = [...form.querySelectorAll("[data-omotenashi-state]")];
const bar = form.querySelector("progress");
const back = form.querySelector("[data-back]");
const forward = form.querySelector('[type="submit"]');
const branches = {{ branches | json }};
const path = [pages[0]];

/** The questions of a page that can be answered: one without choices would hold the visitor for ever. */
function questionsOf(page) {
  return [...page.querySelectorAll("[data-question]")].filter((question) => question.querySelector("input, textarea"));
}

/** What was answered: a text, a number for stars and scores, a list for several choices; undefined for nothing. */
function answerTo(question) {
  const { kind } = question.dataset;
  if (kind === "text") return question.querySelector("textarea").value.trim() || undefined;
  const chosen = [...question.querySelectorAll(":checked")].map((field) => field.value);
  if (chosen.length === 0) return undefined;
  if (kind === "many") return chosen;
  return kind === "one" ? chosen[0] : Number(chosen[0]);
}

function fits(wanted, given) {
  const range = /^(\d+)-(\d+)$/.exec(wanted);
  if (range && typeof given === "number") return given >= Number(range[1]) && given <= Number(range[2]);
  return wanted === "" || [].concat(given).map(String).includes(wanted);
}

/** The page that follows, by the answers given so far; undefined at the end. */
function after(page) {
  const rest = pages.slice(pages.indexOf(page) + 1);
  for (const question of questionsOf(page)) {
    const taken = branches.find((one) => one.question === question.dataset.question && fits(one.answer, answerTo(question)));
    if (taken === undefined) continue;
    if (taken.go === "end") return undefined;
    return rest.find((one) => questionsOf(one).some((asked) => asked.dataset.question === taken.go)) || rest[0];
  }
  return rest[0];
}

function label() {
  forward.textContent = after(path[path.length - 1]) ? {{ next | json }} : {{ send | json }};
}

function open(page) {
  widget.setState(page.dataset.omotenashiState);
  bar.value = pages.indexOf(page) / pages.length;
  back.hidden = path.length === 1;
  label();
  page.focus();
}

/** Says what is missing, and puts the visitor there. */
function complete(page) {
  const missing = questionsOf(page).filter((question) => question.dataset.optional === undefined && answerTo(question) === undefined);
  for (const question of questionsOf(page))
    question.querySelector(".missing").textContent = missing.includes(question) ? {{ missing | json }} : "";
  if (missing.length > 0) missing[0].querySelector("input, textarea").focus();
  return missing.length === 0;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const page = path[path.length - 1];
  if (!complete(page)) return;
  const next = after(page);
  if (next) {
    path.push(next);
    open(next);
    return;
  }
  const given = path.flatMap(questionsOf).map((question) => [question.dataset.question, answerTo(question)]);
  widget.answer(Object.fromEntries(given.filter(([, answer]) => answer !== undefined)));
  form.hidden = true;
  widget.setState("end");
});
form.addEventListener("input", (event) => {
  event.target.closest("[data-question]").querySelector(".missing").textContent = "";
  label();
});
back.addEventListener("click", () => {
  path.pop();
  open(path[path.length - 1]);
});
label();
