// SPDX-License-Identifier: Apache-2.0
// On paper nothing scrolls: the largest rows of each table, and how many more there are.

const PRINT_ROWS = 150;

function printTable(title, columns, rows) {
  const shown = columns.filter((c) => c.text);
  const cells = (tag, make) => element("tr", {}, ...shown.map((c) => element(tag, { class: c.class }, make(c))));
  const more = rows.length - PRINT_ROWS;
  return [
    element("h2", {}, title),
    element("table", {}, element("thead", {}, cells("th", (c) => c.title)),
      element("tbody", {}, ...rows.slice(0, PRINT_ROWS).map((row) => cells("td", (c) => c.text(row))))),
    more > 0 ? element("p", {}, "and " + count(more) + " more: the page itself has all of them.") : "",
  ];
}

// tables: [title(), columns, rows()]...; redraw: after the colours have changed.
function preparePrinting(root, tables, redraw) {
  window.addEventListener("beforeprint", () => {
    document.documentElement.classList.add("printing");
    root.replaceChildren(...tables.flatMap(([title, columns, rows]) => printTable(title(), columns, rows())));
    redraw();
  });
  window.addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    root.replaceChildren();
    redraw();
  });
}
