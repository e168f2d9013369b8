// SPDX-License-Identifier: Apache-2.0
// A table of any length: only the rows in sight are in the document. Rows are numbers.

const ROW_HEIGHT = 28; // as in page.css
const ROWS_SPARE = 6;

class Grid {
  // columns: { title, width, text(row) or node(row), order(a, b), down (first sorted down), class }
  // state(row): a class of the row. Columns of class "wide" are left out where there is no room.
  constructor(root, { label, columns, open, state, rows: visible = 15, sort = 0, empty = "Nothing" }) {
    this.root = root;
    this.columns = columns;
    this.open = open;
    this.state = state;
    this.visible = visible;
    this.empty = empty;
    this.sort = { column: columns[sort], down: Boolean(columns[sort].down) };
    this.rows = this.given = [];
    this.active = -1;
    const tracks = (shown) => shown.map((c) => c.width).join(" ");
    root.style.setProperty("--tracks", tracks(columns));
    root.style.setProperty("--narrow", tracks(columns.filter((c) => !/wide/.test(c.class))));
    this.build(label);
  }

  build(label) {
    this.header = element("div", { class: "row header", role: "row" });
    this.spacer = element("div", { class: "spacer", role: "rowgroup" });
    this.port = element("div", { class: "port", role: "presentation" }, this.spacer);
    this.root.setAttribute("role", "grid");
    this.root.setAttribute("aria-label", label);
    this.root.tabIndex = 0;
    this.root.append(this.header, this.port);
    this.port.addEventListener("scroll", () => this.render());
    this.root.addEventListener("keydown", (e) => this.key(e));
    this.spacer.addEventListener("click", (e) => this.click(e));
    this.buildHeader();
  }

  buildHeader() {
    this.header.replaceChildren(...this.columns.map((column) => {
      const sorted = this.sort.column === column;
      const mark = sorted ? (this.sort.down ? " \u2193" : " \u2191") : "";
      const cell = element("span", { role: "columnheader", class: column.class,
        "aria-sort": sorted ? (this.sort.down ? "descending" : "ascending") : "none" });
      cell.append(column.order ? button(column.title + mark, () => this.sortBy(column)) : column.title);
      return cell;
    }));
  }

  sortBy(column) {
    this.sort = { column,
      down: this.sort.column === column ? !this.sort.down : Boolean(column.down) };
    this.buildHeader();
    this.arrange();
  }

  set(rows) {
    this.given = rows;
    this.arrange();
  }

  arrange() {
    const { column, down } = this.sort;
    this.rows = this.given.slice();
    if (column.order)
      this.rows.sort(down ? (a, b) => column.order(b, a) || a - b : (a, b) => column.order(a, b) || a - b);
    this.active = -1;
    this.root.setAttribute("aria-rowcount", this.rows.length + 1);
    this.spacer.style.height = Math.max(1, this.rows.length) * ROW_HEIGHT + "px";
    this.port.style.height = Math.max(1, Math.min(this.visible, this.rows.length)) * ROW_HEIGHT + "px";
    this.port.scrollTop = 0;
    this.render();
  }

  render() {
    const from = Math.max(0, Math.floor(this.port.scrollTop / ROW_HEIGHT) - ROWS_SPARE);
    const to = Math.min(this.rows.length, from + this.visible + 2 * ROWS_SPARE + 1);
    const made = [];
    for (let at = from; at < to; at++)
      made.push(this.makeRow(at));
    if (!this.rows.length)
      made.push(element("div", { class: "row quiet" }, this.empty));
    this.spacer.replaceChildren(...made);
    this.root.setAttribute("aria-activedescendant", this.active < 0 ? "" : this.rowId(this.active));
  }

  rowId(at) {
    return this.root.id + "-" + at;
  }

  makeRow(at) {
    const row = element("div", { class: "row", role: "row", id: this.rowId(at),
      "aria-rowindex": at + 2, "aria-selected": String(at === this.active) });
    row.style.top = at * ROW_HEIGHT + "px";
    if (this.state)
      row.classList.add(this.state(this.rows[at]));
    for (const column of this.columns) {
      const content = column.node ? column.node(this.rows[at]) : column.text(this.rows[at]);
      const cell = element("span", { role: "gridcell", class: column.class },
        column.class === "path" ? element("bdi", { dir: "ltr" }, content) : content);
      if (!column.node)
        cell.title = content;
      row.append(cell);
    }
    return row;
  }

  click(event) {
    const row = event.target.closest(".row[aria-rowindex]");
    if (!row)
      return;
    this.choose(Number(row.getAttribute("aria-rowindex")) - 2);
    this.open?.(this.rows[this.active]);
  }

  choose(at) {
    const port = this.port;
    this.active = Math.max(0, Math.min(this.rows.length - 1, at));
    const top = this.active * ROW_HEIGHT;
    if (top < port.scrollTop)
      port.scrollTop = top;
    else if (top + ROW_HEIGHT > port.scrollTop + port.clientHeight)
      port.scrollTop = top + ROW_HEIGHT - port.clientHeight;
    this.render();
  }

  key(event) {
    const page = this.visible - 1;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.target !== this.root || !this.rows.length)
      return;
    if (event.key in steps)
      this.choose(this.active < 0 && steps[event.key] === 1 ? 0 : this.active + steps[event.key]);
    else if (event.key === "Enter" && this.active >= 0)
      this.open?.(this.rows[this.active]);
    else
      return;
    event.preventDefault();
  }
}

const byText = (text) => (a, b) => {
  const x = text(a), y = text(b);
  return x < y ? -1 : x > y ? 1 : 0;
};
const byNumber = (value) => (a, b) => value(a) - value(b);
