// The text travels with the Enter that sends it: a synced value may still be on its way when the kernel is busy.
function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

function render({ model, el }) {
  const id = `ag-ask-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const form = element("form", { className: "ag-ask-form", autocomplete: "off" });
  const label = element("label", { htmlFor: id, textContent: model.get("label") });
  const input = element("input", { id, type: "text", placeholder: model.get("placeholder") });
  const button = element("button", { type: "submit", className: "jupyter-widgets jupyter-button", textContent: "Ask" });
  const hint = element("p", { id: `${id}-hint`, className: "ag-small", textContent: model.get("hint") });
  input.setAttribute("aria-describedby", hint.id);
  form.append(label, input, button, hint);
  el.append(form);
  let waiting = "";

  // Read-only and not disabled: the focus stays where it is.
  function refresh() {
    const off = model.get("off") || waiting !== "";
    input.readOnly = off;
    button.disabled = off;
    button.textContent = waiting ? "Asking…" : "Ask";
    form.setAttribute("aria-busy", String(waiting !== ""));
  }

  function send(event) {
    event.preventDefault();
    const text = input.value.trim();
    if (!text || input.readOnly) return;
    waiting = text;
    refresh();
    model.send({ ask: text });
  }

  function hear(message) {
    if ("answered" in message) {
      if (message.answered && input.value.trim() === waiting) input.value = "";
      waiting = "";
      refresh();
    }
    // A button that goes away while it has the focus leaves it to nobody.
    const focused = document.activeElement;
    if (message.focus && (focused === document.body || focused?.closest(".ag-answer"))) {
      input.focus({ preventScroll: true });
    }
  }

  form.addEventListener("submit", send);
  // The notebook has shortcuts of its own, such as Shift+Enter; Notebook 7 catches them before they get here.
  form.dataset.lmSuppressShortcuts = "true";
  form.addEventListener("keydown", (event) => event.stopPropagation());
  model.on("change:off", refresh);
  model.on("msg:custom", hear);
  refresh();
  return () => {
    model.off("change:off", refresh);
    model.off("msg:custom", hear);
  };
}

export default { render };
