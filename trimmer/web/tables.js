// SPDX-License-Identifier: Apache-2.0
// Overview, and the columns of each table.

function showOverview(model) {
  const { image, logs, report } = model.data;
  const files = report.kept.files + report.removed.files;
  const bytes = report.kept.bytes + report.removed.bytes;
  const card = (title, figure, note, cls) => element("div", { class: "card " + (cls ?? "") },
    element("h2", {}, title), element("p", { class: "figure" }, figure), element("p", { class: "quiet" }, note));

  document.title = printable(image.name) + " \u2013 imagetrim report";
  document.getElementById("image-name").textContent = printable(image.name);
  document.getElementById("image-id").textContent =
    [image.os + "/" + image.architecture, counted(image.layers.length, "layer"), image.id].join(", ");
  document.getElementById("cards").append(
    card("Before", size(bytes), counted(files, "file")),
    card("After", size(report.kept.bytes),
      counted(report.kept.files, "file") + ", " + percent(report.kept.bytes, bytes), "kept"),
    card("Removed", size(report.removed.bytes),
      counted(report.removed.files, "file") + ", " + percent(report.removed.bytes, bytes), "removed"),
    card("Recorded", counted(logs.runs, "run"), counted(lastNew(model.data.runs), "run") + " since anything new"));
  document.getElementById("balance").append(bar(report.kept.bytes, report.removed.bytes, bytes));
  document.getElementById("warnings").append(...warnings(logs).map((text) => element("li", {}, text)));
}

// How many runs at the end had nothing new.
function lastNew(runs) {
  const counting = runs.filter((run) => run.counts);
  return counting.length - 1 - counting.findLastIndex((run) => run.new > 0);
}

// What the logs tell of themselves that a reader must know.
function warnings(logs) {
  const texts = [
    [logs.unreadable, "path", "could not be read from a process: files may be missing after a trim."],
    [logs.lost, "record", "could not be written (a full volume?): files may be missing after a trim."],
    [logs.io_uring, "use", "of io_uring: what is opened through it is not seen."],
    [logs.setid, "set-id program", "ran without its privilege while traced: it may have done less."],
    [logs.damaged, "log", "damaged: only what stands before the damage counts."],
    [logs.left_image, "run", "left out: recorded from another image."],
    [logs.left_architecture, "run", "left out: recorded on another architecture."],
  ];
  return texts.filter(([n]) => n).map(([n, thing, what]) => counted(n, thing) + " " + what);
}

// The profile that `imagetrim seccomp` prints; runs record system calls only when asked to.
function showSeccomp(seccomp) {
  const calls = document.getElementById("calls");
  if (!seccomp.profile) {
    calls.append(element("p", { class: "quiet" }, "No run recorded its system calls. Record with "
      + "'imagetrim run --syscalls' for a seccomp profile of them."));
    return;
  }
  const names = seccomp.profile.syscalls.flatMap((rule) => rule.names);
  document.getElementById("seccomp-count").textContent = counted(names.length, "call") + " allowed, from "
    + count(seccomp.with) + " of " + counted(seccomp.runs, "run");
  calls.append(
    element("p", {}, "What the runs called, and what the container runtime needs; all else fails. "
      + "'imagetrim seccomp' prints the same for --security-opt seccomp=FILE."),
    element("p", { class: "calls" }, names.join(" ")),
    element("details", {}, element("summary", {}, "The profile"),
      element("pre", { tabIndex: 0 }, JSON.stringify(seccomp.profile, null, 2))));
}

// ---- columns ----

function directoryColumns(model) {
  const largest = (i) => Math.max(1, model.total(model.parent[i]));
  const name = (i) => printable(model.names[i]) + (model.isDirectory(i) ? "/" : "");
  return [
    { title: "Before", width: "7em", class: "number", down: true, order: byNumber((i) => model.total(i)),
      text: (i) => size(model.total(i)) },
    { title: "After", width: "7em", class: "number", down: true, order: byNumber((i) => model.kept[i]),
      text: (i) => size(model.kept[i]) },
    { title: "", width: "minmax(4em, 12em)", class: "wide",
      node: (i) => bar(model.kept[i], model.removed[i], largest(i)) },
    { title: "Name", width: "minmax(6em, 1fr)", order: byText((i) => model.names[i]), text: name },
    { title: "Files kept", width: "11em", class: "number wide", down: true, order: byNumber((i) => model.keptFiles[i]),
      text: (i) => (model.isDirectory(i)
        ? keptOf(model.keptFiles[i], model.removedFiles[i])
        : model.reason[i] ? "kept" : "removed") },
  ];
}

function keptOf(kept, removed) {
  return kept + removed ? count(kept) + " of " + count(kept + removed) : "no files";
}

function fileColumns(model) {
  return [
    { title: "Size", width: "6.5em", class: "number", down: true, order: byNumber((i) => model.total(i)),
      text: (i) => size(model.total(i)) },
    { title: "Path", width: "minmax(8em, 3fr)", class: "path", order: byNumber((i) => i), text: (i) => printable(model.path(i)) },
    { title: "Package", width: "minmax(6em, 11em)", class: "wide", order: byText((i) => model.packageName(i)),
      text: (i) => printable(model.packageName(i)) },
    { title: "Why", width: "minmax(8em, 2fr)", class: "wide", order: byText((i) => model.why(i)),
      text: (i) => printable(model.why(i)) },
  ];
}

function packageColumns(packages) {
  const total = (i) => packages[i].kept.bytes + packages[i].removed.bytes;
  const largest = packages.reduce((most, _, i) => Math.max(most, total(i)), 1);
  const side = (title, side, down) => ({ title, width: "7em", class: "number", down, order: byNumber((i) => packages[i][side].bytes),
    text: (i) => size(packages[i][side].bytes) });
  return [
    { title: "Package", width: "minmax(8em, 16em)", order: byText((i) => packages[i].name),
      text: (i) => printable(packages[i].name) },
    side("Kept", "kept", true), side("Removed", "removed", true),
    { title: "", width: "minmax(4em, 1fr)", class: "wide",
      node: (i) => bar(packages[i].kept.bytes, packages[i].removed.bytes, largest) },
    { title: "Files kept", width: "9em", class: "number wide", down: true, order: byNumber((i) => packages[i].kept.files),
      text: (i) => keptOf(packages[i].kept.files, packages[i].removed.files) },
  ];
}

function runColumns(runs) {
  const number = (title, key) => ({ title, width: "5em", class: "number", down: true,
    order: byNumber((i) => runs[i][key]), text: (i) => count(runs[i][key]) });
  return [
    { title: "#", width: "4em", class: "number", order: byNumber((i) => i), text: (i) => count(i + 1) },
    { title: "Log", width: "minmax(7em, 1fr)", class: "path", order: byText((i) => runs[i].file), text: (i) => printable(runs[i].file) },
    { title: "Pod or host", width: "12em", class: "wide", order: byText((i) => whereOf(runs[i])), text: (i) => printable(whereOf(runs[i])) },
    { title: "Started", width: "12em", class: "wide", order: byText((i) => runs[i].started), text: (i) => runs[i].started },
    number("Paths", "paths"), number("New", "new"),
    { title: "Notes", width: "minmax(9em, 14em)", class: "wide", text: (i) => runNotes(runs[i]) },
  ];
}

function whereOf(run) {
  return (run.pod || run.host) + (run.container ? " / " + run.container : "");
}

function runNotes(run) {
  const notes = [];
  if (!run.counts)
    notes.push("left out");
  if (run.end === "damaged")
    notes.push("damaged");
  for (const key of ["unreadable", "lost", "setid", "io_uring"])
    if (run[key])
      notes.push(count(run[key]) + " " + key);
  return notes.join(", ");
}
