// A button that copies the address of the page with every parameter, which the page keeps at its root element.

export default function ({ data, parentElement }) {
  let button = parentElement.querySelector(":scope > button");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.setAttribute("aria-live", "polite");
    parentElement.append(button);
  }
  clearTimeout(button.back);
  button.textContent = data.label;
  button.onclick = async () => {
    const address = new URL(location.href);
    address.search = document.documentElement.dataset.link ?? location.search;
    for (const [name, value] of Object.entries(data.modes)) address.searchParams.set(name, value);
    seal(address.searchParams);
    const done = await copy(address.href);
    button.textContent = done ? "Copied" : "Copy it from the address line";
    if (!done) history.replaceState(history.state, "", address); // no way to the clipboard: the address itself shows it
    button.back = setTimeout(() => (button.textContent = data.label), 2500);
  };
  return () => clearTimeout(button.back);
}

// Values of controls that the link hides are not to be read at a glance; quiz.py reads them.
function seal(parameters) {
  const hidden = (parameters.get("hide") ?? "").split(",").filter((name) => parameters.has(name));
  if (!hidden.length) return;
  const sealed = new URLSearchParams(hidden.map((name) => [name, parameters.get(name)]));
  hidden.forEach((name) => parameters.delete(name));
  parameters.set("seal", btoa(sealed).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
}

// The clipboard is there in secure contexts only, as https and localhost; elsewhere the older way may work.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
