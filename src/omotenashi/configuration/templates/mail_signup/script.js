const form = widget.element.querySelector("form");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  // The consent goes first: whoever is moved by the event may ask for it.
  widget.consent({{ purpose | json }}, "granted");
  widget.attribute(Object.fromEntries(new FormData(form)));
  widget.track({{ event | json }}, {});
  widget.setState("thanks");
});
