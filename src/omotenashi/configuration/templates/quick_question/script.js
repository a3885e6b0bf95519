const thanks = widget.element.querySelector('[data-omotenashi-state="thanks"]');
for (const button of widget.element.querySelectorAll('[data-omotenashi-click="answer"]')) {
  button.addEventListener("click", () => {
    widget.answer({ [{{ id | json }}]: button.value });
    widget.setState("thanks");
    thanks.focus();
  });
}
