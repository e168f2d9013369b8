// SPDX-License-Identifier: Apache-2.0
// The treemap: d3-hierarchy lays out, a canvas shows. Only what would be large enough to see is
// laid out, so a million files cost no more than a thousand.

const MAP = { header: 18, smallest: 30, splits: 4000, label: 34 };

// What each view shows of a node.
const VIEWS = {
  before: (model) => (i) => model.kept[i] + model.removed[i],
  after: (model) => (i) => model.kept[i],
  removed: (model) => (i) => model.removed[i],
};

class Treemap {
  constructor(canvas, tip, model, { zoom, open, say }) {
    Object.assign(this, { canvas, tip, model, zoom, open, say });
    this.at = 0;
    this.chosen = null; // a box right below the directory shown
    this.setView("before");
    canvas.addEventListener("mousemove", (e) => this.hover(e));
    canvas.addEventListener("mouseleave", () => { this.tip.hidden = true; });
    canvas.addEventListener("click", (e) => this.activate(this.boxAt(e)));
    canvas.addEventListener("keydown", (e) => this.key(e));
    canvas.addEventListener("blur", () => this.choose(null));
  }

  setView(name) {
    this.bytes = VIEWS[name](this.model);
  }

  show(directory) {
    this.at = directory;
    this.chosen = null;
    this.layOut();
    this.draw();
  }

  // ---- layout ----

  layOut() {
    this.width = Math.max(1, this.canvas.clientWidth);
    this.height = Math.max(1, this.canvas.clientHeight);
    this.perPixel = this.bytes(this.at) / (this.width * this.height) || 1;
    const root = d3.hierarchy(this.part(this.at))
      .sum((box) => (box.children ? 0 : box.value))
      .sort((a, b) => b.value - a.value);
    d3.treemap().size([this.width, this.height]).paddingInner(1).round(true)
      .paddingOuter((box) => (box.depth ? 2 : 0))
      .paddingTop((box) => (box.depth && box.children ? MAP.header : 0))(root);
    this.boxes = root.descendants().slice(1);
  }

  // A box with boxes in it where there is room for them; small ones become one.
  part(i) {
    const top = i;
    if (i !== this.at)
      i = this.only(i);
    const box = { node: i, top, value: this.bytes(i), kept: this.model.kept[i] };
    if (!this.model.isDirectory(i) || (i !== this.at && box.value < MAP.splits * this.perPixel))
      return box;
    const rest = { node: i, more: 0, value: 0, kept: 0 };
    box.children = [];
    for (const c of this.model.children(i)) {
      const bytes = this.bytes(c);
      if (bytes >= MAP.smallest * this.perPixel) {
        box.children.push(this.part(c));
      } else if (bytes) {
        rest.more++;
        rest.value += bytes;
        rest.kept += this.model.kept[c];
      }
    }
    if (rest.more)
      box.children.push(rest);
    if (!box.children.length)
      delete box.children;
    return box;
  }

  // Down through directories that hold one thing that has a size, which is a directory again.
  only(i) {
    for (let whole = this.bytes(i); this.model.isDirectory(i);) {
      const inner = this.model.children(i).find((c) => this.bytes(c) === whole);
      if (!whole || inner === undefined || !this.model.isDirectory(inner))
        break;
      i = inner;
    }
    return i;
  }

  // ---- drawing ----

  colours() {
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue("--" + name).trim();
    return { kept: get("kept"), removed: get("removed"), onKept: get("on-kept"),
      onRemoved: get("on-removed"), frame: get("frame"), text: get("text"), focus: get("focus"),
      back: get("back"), font: style.fontFamily };
  }

  draw() {
    const scale = window.devicePixelRatio || 1;
    const g = this.canvas.getContext("2d");
    const colours = this.colours();
    this.canvas.width = this.width * scale;
    this.canvas.height = this.height * scale;
    g.scale(scale, scale);
    g.textBaseline = "middle";
    g.font = "12px " + colours.font;
    g.fillStyle = colours.back;
    g.fillRect(0, 0, this.width, this.height);
    for (const box of this.boxes)
      this.drawBox(g, box, colours);
    if (!this.boxes.length) {
      g.fillStyle = colours.text;
      g.fillText("Nothing here has a size in this view.", 12, 20);
    }
    if (this.chosen) {
      const { x0, y0, x1, y1 } = this.chosen;
      g.strokeStyle = colours.focus;
      g.lineWidth = 3;
      g.strokeRect(x0 + 1.5, y0 + 1.5, x1 - x0 - 3, y1 - y0 - 3);
    }
  }

  drawBox(g, box, colours) {
    const { x0, y0, x1, y1, data } = box;
    const width = x1 - x0, height = y1 - y0;
    const hit = this.model.hit;
    if (width <= 0 || height <= 0)
      return;
    g.globalAlpha = hit && !hit[data.node] ? 0.18 : 1;
    if (box.children) {
      g.fillStyle = colours.frame;
      g.fillRect(x0, y0, width, height);
      this.label(g, box, colours.text, y0 + MAP.header / 2);
    } else {
      const kept = Math.round(width * (this.bytes(data.node) ? Math.min(1, data.kept / data.value) : 0));
      g.fillStyle = colours.removed;
      g.fillRect(x0 + kept, y0, width - kept, height);
      g.fillStyle = colours.kept;
      g.fillRect(x0, y0, kept, height);
      if (height >= 14)
        this.label(g, box, kept > width / 2 ? colours.onKept : colours.onRemoved,
          y0 + Math.min(11, height / 2), height >= 32);
    }
    g.globalAlpha = 1;
  }

  label(g, box, colour, y, twoLines) {
    const room = box.x1 - box.x0 - 8;
    if (room < MAP.label)
      return;
    const figure = size(box.value);
    const space = g.measureText(figure).width + 10;
    g.fillStyle = colour;
    if (twoLines) {
      g.fillText(fit(g, this.name(box), room), box.x0 + 4, y);
      if (space - 10 <= room)
        g.fillText(figure, box.x0 + 4, y + 15);
      return;
    }
    const besides = room - space >= 60;
    g.fillText(fit(g, this.name(box), besides ? room - space : room), box.x0 + 4, y);
    if (besides)
      g.fillText(figure, box.x1 - 4 - space + 10, y);
  }

  name(box) {
    const { node, top, more } = box.data;
    let name = "";
    if (more)
      return count(more) + " more";
    for (let i = node; i !== this.model.parent[top]; i = this.model.parent[i])
      name = this.model.names[i] + (this.model.isDirectory(i) ? "/" : "") + name;
    return printable(name);
  }

  // ---- mouse and keys ----

  boxAt(event) {
    const edge = this.canvas.getBoundingClientRect();
    const x = event.clientX - edge.left, y = event.clientY - edge.top;
    return this.boxes.findLast((b) => x >= b.x0 && x < b.x1 && y >= b.y0 && y < b.y1);
  }

  hover(event) {
    const box = this.boxAt(event);
    this.tip.hidden = !box;
    this.canvas.style.cursor = box ? "pointer" : "";
    if (!box)
      return;
    const model = this.model, i = box.data.node;
    const lines = box.data.more ? [printable(model.path(i)), counted(box.data.more, "small file")]
      : [printable(model.path(i))];
    lines.push(size(box.data.kept) + " kept of " + size(box.data.more ? box.data.value : model.total(i)));
    if (!box.data.more && !model.isDirectory(i))
      lines[lines.length - 1] = size(model.total(i)) + ", " + (model.reason[i] ? "kept: " : "removed: ")
        + printable(model.why(i));
    this.tip.replaceChildren(...lines.map((text) => element("div", {}, text)));
    const edge = this.canvas.getBoundingClientRect();
    const x = event.clientX - edge.left, y = event.clientY - edge.top;
    this.tip.style.left = Math.max(0, Math.min(x + 14, this.width - this.tip.offsetWidth - 4)) + "px";
    this.tip.style.top = (y + 20 + this.tip.offsetHeight < this.height ? y + 18
      : y - 10 - this.tip.offsetHeight) + "px";
  }

  activate(box) {
    if (!box)
      return;
    if (this.model.isDirectory(box.data.node) && box.data.node !== this.at)
      this.zoom(box.data.node);
    else if (!box.data.more)
      this.open(box.data.node);
  }

  choose(box) {
    if (this.chosen === box)
      return;
    this.chosen = box;
    if (box)
      this.say(this.name(box) + ", " + size(box.value) + ", " + percent(box.data.kept, box.value) + " kept");
    this.draw();
  }

  key(event) {
    const top = this.boxes.filter((b) => b.depth === 1);
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in steps && top.length)
      this.choose(this.chosen ? neighbour(top, this.chosen, steps[event.key]) : top[0]);
    else if (event.key === "Enter" && this.chosen)
      this.activate(this.chosen);
    else if ((event.key === "Backspace" || event.key === "Escape") && this.at)
      this.zoom(this.model.parent[this.at]);
    else
      return;
    event.preventDefault();
    event.stopPropagation();
  }
}

// Text that has room, cut with an ellipsis; none where even that says nothing.
function fit(g, text, room) {
  if (g.measureText(text).width <= room)
    return text;
  let low = 0, high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (g.measureText(text.slice(0, middle) + "\u2026").width <= room)
      low = middle;
    else
      high = middle - 1;
  }
  return low > 1 ? text.slice(0, low) + "\u2026" : "";
}

// The nearest box whose middle lies that way from the one at hand; itself if there is none.
function neighbour(boxes, from, [dx, dy]) {
  const middle = (b) => [(b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2];
  const [fx, fy] = middle(from);
  let best = from, least = Infinity;
  for (const box of boxes) {
    const [x, y] = middle(box);
    const ahead = (x - fx) * dx + (y - fy) * dy;
    const aside = Math.abs((x - fx) * dy) + Math.abs((y - fy) * dx);
    if (ahead > 0 && ahead + 2 * aside < least) {
      best = box;
      least = ahead + 2 * aside;
    }
  }
  return best;
}
