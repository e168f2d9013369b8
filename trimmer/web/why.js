// SPDX-License-Identifier: Apache-2.0
// The panel that tells of one file: what it is, and why it is kept or removed.

// Sentences for the reasons (reason_name() in tree.c).
const REASONS = {
  dropped: "No run used it, nothing kept needs it, and no rule or option names it.",
  used: "A log says that it was used.",
  directory: "Something below it is kept.",
  link: "A symbolic link on the way to something kept.",
  program: "A program that the image's config or --include-cmd may start.",
  interpreter: "The interpreter or loader of a kept program.",
  library: "A library that a kept program or library needs.",
  nss: "Name service configuration, or a module that it names.",
  always: "Always kept: almost every program expects it.",
  config: "The image's config names it.",
  included: "Named by --include.",
  rule: "Named by a rules file.",
  python: "Python byte code of a kept source, or the source of kept byte code.",
  packages: "A package database, cut to what is left, or what scanners read with it.",
  shared: "An image that was trimmed together with this one needs it.",
  packages: "A package database, cut to what is left, or what scanners read beside one.",
};

const KINDS = { f: "file", h: "further name of a file (hard link)", d: "directory", l: "symbolic link",
  c: "character device", b: "block device", p: "named pipe" };

const CHAIN_MAX = 40;

function stateOf(model, i) {
  return model.reason[i] ? "kept (" + model.reasonName(i) + ")" : "removed";
}

class Why {
  constructor(panel, model, { goTo }) {
    Object.assign(this, { panel, model, goTo });
    panel.addEventListener("keydown", (e) => {
      if (e.key === "Escape")
        this.close();
    });
  }

  open(i) {
    const model = this.model;
    this.back = this.panel.contains(document.activeElement) ? this.back : document.activeElement;
    this.panel.replaceChildren(
      element("div", { class: "head" },
        element("h2", {}, printable(model.names[i]) || "/"),
        button("Close", () => this.close(), { ariaLabel: "Close" })),
      element("p", { class: "path" }, printable(model.path(i))),
      this.verdict(i),
      ...this.chain(i),
      this.facts(i),
      ...this.advice(i));
    this.panel.hidden = false;
    document.body.classList.add("asking");
    this.panel.focus();
  }

  close() {
    this.panel.hidden = true;
    document.body.classList.remove("asking");
    this.back?.focus({ preventScroll: true });
  }

  verdict(i) {
    const name = this.model.reasonName(i);
    return element("p", { class: "verdict" },
      element("b", { class: this.model.reason[i] ? "kept" : "removed" },
        this.model.reason[i] ? "Kept" : "Removed"),
      " " + (REASONS[name] ?? name));
  }

  // Who asked for it, who asked for that, and so on.
  chain(i) {
    const model = this.model, links = [];
    for (let n = model.because[i]; n && links.length < CHAIN_MAX; n = model.because[n]) {
      const at = n;
      links.push(element("li", {},
        button(printable(model.path(at)), () => this.open(at), { class: "link" }),
        element("span", { class: "quiet" }, " " + model.reasonName(at))));
    }
    return links.length ? [element("h3", {}, "Asked for by"), element("ol", { class: "chain" }, ...links)] : [];
  }

  facts(i) {
    const model = this.model, rows = [["Kind", KINDS[model.types[i]] ?? "other"]];
    const layer = model.data.image.layers[model.layer[i] - 1];
    if (model.isDirectory(i)) {
      rows.push(["Kept", size(model.kept[i]) + ", " + counted(model.keptFiles[i], "file")]);
      rows.push(["Removed", size(model.removed[i]) + ", " + counted(model.removedFiles[i], "file")]);
    } else {
      rows.push(["Size", size(model.total(i)) + " (" + counted(model.total(i), "byte") + ")"
        + (model.kept[i] && model.removed[i] ? ", cut to " + size(model.kept[i]) : "")]);
      rows.push(["Package", model.packageName(i) ? printable(model.packageName(i)) : "none"]);
    }
    if (layer)
      rows.push(["Layer", model.layer[i] + " of " + model.data.image.layers.length
        + (layer.created_by ? ": " + printable(layer.created_by) : "")]);
    return element("dl", {}, ...rows.flatMap(([name, value]) =>
      [element("dt", {}, name), element("dd", {}, value)]));
  }

  advice(i) {
    const model = this.model, parts = [];
    if (!model.reason[i])
      parts.push(element("h3", {}, "To keep it"),
        element("p", {}, "Run what uses it once more under the tracer, or put this line into .imagetrim:"),
        element("pre", {}, "keep " + asGlob(model.path(i))));
    parts.push(button("Show in the map", () => this.goTo(i)));
    return parts;
  }
}

// The path as a glob that matches nothing else.
function asGlob(path) {
  return printable(path.replace(/[\\*?[\]{}]/g, "\\$&"));
}
