const element = widget.element;
const reason = element.querySelector("textarea");
let score;
let told = false;

// A score counts even when the visitor closes the message before giving a reason.
function tell() {
  if (score === undefined || told) return;
  told = true;
  const words = reason.value.trim();
  widget.answer(words === "" ? { score } : { score, reason: words });
}

for (const button of element.querySelectorAll(".scale button")) {
  button.addEventListener("click", () => {
    score = Number(button.value);
    widget.setState("reason");
    reason.focus();
  });
}
element.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  tell();
  const happy = element.querySelector(".happy");
  if (happy) happy.hidden = score < {{ happy_from | json }};
  widget.setState("thanks");
});
widget.on("close", tell);
