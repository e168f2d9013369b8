// SPDX-License-Identifier: Apache-2.0
// How many paths the runs have together, run after run: when it stays flat, more of the same
// testing finds nothing more.

const CURVE = { width: 900, height: 220, left: 64, right: 16, top: 14, bottom: 34 };

function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes))
    made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function showCurve(root, runs) {
  const counting = runs.filter((run) => run.counts);
  if (counting.length < 2)
    return;
  const { width, height, left, right, top, bottom } = CURVE;
  const together = d3.cumsum(counting, (run) => run.new);
  const most = Math.max(1, together[together.length - 1]);
  const n = counting.length;
  const x = (i) => left + ((i + 0.5) * (width - left - right)) / n;
  const y = (value) => height - bottom - (value * (height - top - bottom)) / most;
  const points = Array.from(together, (value, i) => [x(i), y(value)]);
  const area = d3.area().x((p) => p[0]).y0(y(0)).y1((p) => p[1]);
  const line = d3.line();
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `Paths seen: ${together[0]} in the first run, ${most} in all ${n}` });

  for (const value of d3.ticks(0, most, 4).filter(Number.isInteger))
    picture.append(svg("line", { class: "rule", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, count(value)));
  for (const i of d3.ticks(1, n, Math.min(n - 1, 12)).filter(Number.isInteger))
    picture.append(svg("text", { x: x(i - 1), y: height - bottom + 16, "text-anchor": "middle" }, count(i)));
  picture.append(svg("text", { class: "axis", x: (left + width - right) / 2, y: height - 3, "text-anchor": "middle" },
    "paths seen so far, by run"));
  picture.append(svg("path", { class: "area", d: area(points) }), svg("path", { class: "line", d: line(points) }));
  if (n <= 60)
    picture.append(...points.map(([px, py], i) => svg("circle", { cx: px, cy: py, r: 3.5 },
      svg("title", {}, `run ${i + 1}: ${count(counting[i].new)} new, ${count(together[i])} together`))));
  root.append(picture);
}
