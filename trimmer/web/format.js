// SPDX-License-Identifier: Apache-2.0
// Figures and names as people read them, and elements made of them. Names come from images that
// nobody trusts: they only ever become text.

function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
  let unit = 0;
  while (bytes >= (unit ? 999.5 : 1000) && unit + 1 < units.length) {
    bytes /= 1000;
    unit++;
  }
  const decimals = !unit || bytes >= 99.95 ? 0 : bytes < 9.995 ? 2 : 1;
  return bytes.toFixed(decimals) + "\u00a0" + units[unit];
}

function count(n) {
  return n.toLocaleString("en-US");
}

function counted(n, thing) {
  return count(n) + " " + thing + (n === 1 ? "" : "s");
}

function percent(part, whole) {
  return (whole ? (100 * part) / whole : 0).toFixed(1) + "\u00a0%";
}

// What a name holds that no one would see, or that turns the text around it.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function printable(name) {
  return name.replace(UNSEEN, (c) => "\\u{" + c.charCodeAt(0).toString(16) + "}");
}

// element("button", { class: "x", onclick: f }, "text", child...): properties or attributes.
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made && name !== "list")
      made[name] = value;
    else if (value !== false && value !== undefined)
      made.setAttribute(name === "class" ? "class" : name, value);
  }
  made.append(...children.filter((c) => c !== undefined && c !== null && c !== ""));
  return made;
}

function button(text, onclick, properties = {}) {
  return element("button", { type: "button", onclick, ...properties }, text);
}

// A bar of what is kept and removed of something, as long as its share of the largest.
function bar(kept, removed, largest) {
  const part = (cls, n) => {
    const i = element("i", { class: cls });
    i.style.width = (largest ? (100 * n) / largest : 0) + "%";
    return i;
  };
  return element("span", { class: "bar", "aria-hidden": "true" }, part("kept", kept),
    part("removed", removed));
}

// Buttons of which one is pressed. options: [value, label]...
function choice(root, options, chosen, choose) {
  root.replaceChildren(...options.map(([value, label]) => button(label, () => {
    for (const b of root.children)
      b.ariaPressed = String(b.value === value);
    choose(value);
  }, { value, ariaPressed: String(value === chosen) })));
}
