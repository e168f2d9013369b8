// SPDX-License-Identifier: Apache-2.0
// What is shown (directory, view, search, filter) and who must know when it changes.

const $ = (id) => document.getElementById(id);

class Page {
  constructor(model) {
    const { report, runs } = model.data;
    this.model = model;
    this.packages = report.unpackaged ? [...report.packages, { name: "", ...report.unpackaged }] : report.packages;
    this.runs = runs;
    this.at = 0;
    this.state = "removed";
    this.package = null;
    showOverview(model);
    showCurve($("curve"), runs);
    showSeccomp(model.data.seccomp);
    this.makeTables();
    this.why = new Why($("why"), model, { goTo: (i) => this.goTo(i) });
    this.map = new Treemap($("map"), $("tip"), model, {
      zoom: (i) => this.zoom(i),
      open: (i) => this.why.open(i),
      say: (text) => { $("map-said").textContent = text; },
    });
    this.makeControls();
    this.zoom(0);
    this.filter();
  }

  makeTables() {
    const model = this.model;
    const packages = this.packages.map((p) => ({ ...p, name: p.name || "(no package)" }));
    this.directory = new Grid($("directory"), { label: "Directory", columns: directoryColumns(model), rows: 10,
      open: (i) => (model.isDirectory(i) ? this.zoom(i) : this.why.open(i)), empty: "An empty directory" });
    this.files = new Grid($("files-grid"), { label: "Files", columns: fileColumns(model),
      open: (i) => this.why.open(i), state: (i) => (model.reason[i] ? "kept" : "removed"),
      empty: "No file matches" });
    this.packageGrid = new Grid($("packages-grid"), { label: "Packages", columns: packageColumns(packages), rows: 12,
      sort: 2, open: (i) => this.choosePackage(this.packages[i].name), empty: "The image has no package database" });
    this.runGrid = new Grid($("logs-grid"), { label: "Logs", columns: runColumns(this.runs), rows: 12, empty: "No run" });
    this.packageGrid.set(Array.from(packages.keys()));
    this.runGrid.set(Array.from(this.runs.keys()));
    $("packages-count").textContent = report(this.model.data);
    $("logs-count").textContent = counted(this.runs.length, "run");
    preparePrinting($("printed"), [
      [() => "Files: " + this.state, this.files.columns, () => this.files.rows],
      [() => "Packages", this.packageGrid.columns, () => this.packageGrid.rows],
      [() => "Logs", this.runGrid.columns, () => this.runGrid.rows],
    ], () => this.redraw());
  }

  makeControls() {
    const query = $("query");
    let waiting;
    choice($("view"), [["before", "Before"], ["after", "After"], ["removed", "Removed"]], "before", (view) => {
      this.map.setView(view);
      this.redraw();
    });
    choice($("files-state"), [["removed", "Removed"], ["kept", "Kept"], ["all", "All"]], this.state, (state) => {
      this.state = state;
      this.filter();
    });
    $("files-package").addEventListener("click", () => this.choosePackage(null));
    query.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.search(query.value), 120);
    });
    document.addEventListener("keydown", (e) => {
      if (e.key === "/" && !e.target.closest("input")) {
        query.focus();
        e.preventDefault();
      }
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    new ResizeObserver(() => this.redraw()).observe($("map"));
  }

  redraw() {
    this.map.show(this.at);
  }

  zoom(directory) {
    this.at = directory;
    this.map.show(directory);
    this.directory.set(this.model.children(directory));
    $("crumbs").replaceChildren(...this.model.way(directory).map((i) => element("li", {},
      button(i ? printable(this.model.names[i]) : "/", () => this.zoom(i), { ariaCurrent: String(i === directory) }))));
  }

  goTo(i) {
    this.zoom(this.model.isDirectory(i) ? i : this.model.parent[i]);
    const at = this.directory.rows.indexOf(i);
    if (at >= 0)
      this.directory.choose(at);
    $("space").scrollIntoView();
  }

  search(text) {
    this.model.search(text);
    this.filter();
    this.map.draw();
  }

  choosePackage(name) {
    const chip = $("files-package");
    this.package = name;
    chip.hidden = name === null;
    chip.textContent = (printable(name ?? "") || "(no package)") + " \u00d7";
    chip.ariaLabel = "Show files of all packages again";
    this.filter();
    if (name !== null)
      $("files").scrollIntoView();
  }

  filter() {
    const model = this.model, rows = [];
    const wanted = { removed: (i) => !model.reason[i], kept: (i) => model.reason[i] > 0, all: () => true }[this.state];
    let matches = 0, bytes = 0;
    for (let i = 1; i < model.n; i++) {
      if (model.isDirectory(i) || (model.hit && !(model.hit[i] & 1)))
        continue;
      matches++;
      if (!wanted(i) || (this.package !== null && model.packageName(i) !== this.package))
        continue;
      rows.push(i);
      bytes += model.total(i);
    }
    this.files.set(rows);
    $("files-count").textContent = counted(rows.length, "file") + ", " + size(bytes);
    $("matches").textContent = model.hit ? counted(matches, "match").replace("matchs", "matches") : "";
  }
}

function report(data) {
  const kept = data.report.packages.filter((p) => p.kept.files).length;
  return count(kept) + " of " + count(data.report.packages.length) + " keep something";
}

readData().then((data) => {
  window.report = new Page(new Model(data));
  document.documentElement.dataset.ready = "";
  performance.mark("ready");
}).catch((error) => {
  $("failure").hidden = false;
  $("failure").textContent = "This report cannot be shown: " + error.message
    + ". A browser of 2023 or later is needed.";
});
