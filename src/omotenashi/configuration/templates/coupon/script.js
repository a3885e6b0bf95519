const words = {{ language | json }} === "ja"
  ? { copy: "コピー", done: "コピー済み", said: "クーポンコードをコピーしました", by_hand: "コードを選びました。長押しでコピーしてください" }
  : { copy: "Copy", done: "Copied", said: "The code is copied", by_hand: "The code is selected; copy it by hand" };
const code = widget.element.querySelector(".letters");
const button = widget.element.querySelector(".copy");
let timer;

/** Pages without https have no clipboard of their own: there the selection is copied. */
async function copy() {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(code);
    return document.execCommand("copy");
  }
}

button.addEventListener("click", async () => {
  const copied = await copy();
  widget.set("said", copied ? words.said : words.by_hand);
  if (!copied) return;
  button.classList.add("done");
  widget.set("copy", words.done);
  clearTimeout(timer);
  timer = setTimeout(() => {
    button.classList.remove("done");
    widget.set("copy", words.copy);
    widget.set("said", "");
  }, 4000);
}, { signal: widget.signal });
widget.signal.addEventListener("abort", () => clearTimeout(timer));
