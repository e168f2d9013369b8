// SPDX-License-Identifier: Apache-2.0
// The panel that tells of one file: what it is, and why it is kept or removed.

const KINDS = { f: "file", h: "further name of a file (hard link)", d: "directory", l: "symbolic link",
  c: "character device", b: "block device", p: "named pipe" };

const CHAIN_MAX = 40;
const USES_MAX = 100;

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
      ...this.uses(i),
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
    const kept = this.model.reason[i] > 0;
    return element("p", { class: "verdict" },
      element("b", { class: kept ? "kept" : "removed" }, kept ? "Kept" : "Removed"),
      " " + printable(this.model.why(i)));
  }

  // Which program did what to it, in which runs (rows of the table of logs).
  uses(i) {
    const path = this.model.path(i), all = this.model.uses(i);
    // What was asked for by another name is not told by this one again.
    const uses = all.filter((use) => use.path !== path || !all.some((other) => other.path !== path
      && ["program", "access", "runs"].every((key) => other[key] === use[key])));
    const rows = uses.slice(0, USES_MAX).map((use) => element("tr", {},
      element("td", {}, printable(use.program) || "unknown"),
      element("td", {}, use.access + (use.path === path ? "" : " as " + printable(use.path))),
      element("td", {}, use.runs)));
    const more = uses.length - rows.length;
    return uses.length ? [element("h3", {}, "Used by"),
      element("table", { class: "uses" },
        element("thead", {}, element("tr", {}, ...["Program", "How", "Runs"].map((t) => element("th", {}, t)))),
        element("tbody", {}, ...rows)),
      more > 0 ? element("p", { class: "quiet" }, "and " + count(more) + " more") : ""] : [];
  }

  // Who asked for it, who asked for that, and so on.
  chain(i) {
    const model = this.model, links = [];
    for (let n = model.because[i]; n && links.length < CHAIN_MAX; n = model.because[n]) {
      const at = n;
      links.push(element("li", {},
        button(printable(model.path(at)), () => this.open(at), { class: "link" }),
        element("span", { class: "quiet" }, " " + printable(model.why(at)))));
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
