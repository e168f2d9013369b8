// SPDX-License-Identifier: Apache-2.0
// The data as it came, and what follows from it. Nodes are numbers; 0 is the root, and "none".

const DIRECTORY = "d".charCodeAt(0);

async function readData() {
  const packed = atob(document.getElementById("data").textContent.trim());
  const bytes = Uint8Array.from(packed, (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

class Model {
  constructor(data) {
    const tree = data.tree;
    const n = tree.name.length;

    this.data = data;
    this.n = n;
    this.names = tree.name;
    this.types = tree.type;
    this.parent = Uint32Array.from(tree.parent);
    this.reason = Uint8Array.from(tree.reason);
    this.because = Uint32Array.from(tree.because);
    this.package = Uint32Array.from(tree.package);
    this.layer = Uint32Array.from(tree.layer);
    this.phrase = Uint32Array.from(tree.why);
    this.sum(tree.bytes, tree.left);
    this.hit = null;
    this.lowerPaths = null;
  }

  // Figures of a node and all below it. Nodes come parents first, so backwards sums up.
  sum(before, after) {
    const { n, parent } = this;

    this.kept = new Float64Array(n);
    this.removed = new Float64Array(n);
    this.keptFiles = new Uint32Array(n);
    this.removedFiles = new Uint32Array(n);
    this.first = new Uint32Array(n);
    this.next = new Uint32Array(n);
    for (let i = n - 1; i >= 0; i--) {
      const p = parent[i];
      if (!this.isDirectory(i)) {
        this.kept[i] = after[i];
        this.removed[i] = Math.max(0, before[i] - after[i]);
        (this.reason[i] ? this.keptFiles : this.removedFiles)[i] += 1;
      }
      if (i === 0)
        break;
      this.kept[p] += this.kept[i];
      this.removed[p] += this.removed[i];
      this.keptFiles[p] += this.keptFiles[i];
      this.removedFiles[p] += this.removedFiles[i];
      this.next[i] = this.first[p];
      this.first[p] = i;
    }
  }

  isDirectory(i) {
    return this.types.charCodeAt(i) === DIRECTORY;
  }

  total(i) {
    return this.kept[i] + this.removed[i];
  }

  children(i) {
    const children = [];
    for (let c = this.first[i]; c; c = this.next[c])
      children.push(c);
    return children;
  }

  path(i) {
    let path = "";
    for (; i; i = this.parent[i])
      path = "/" + this.names[i] + path;
    return path || "/";
  }

  // The nodes from the root to i.
  way(i) {
    const way = [i];
    while (way[0])
      way.unshift(this.parent[way[0]]);
    return way;
  }

  packageName(i) {
    return this.package[i] ? this.data.packages[this.package[i] - 1] : "";
  }

  why(i) {
    return this.data.phrases[this.phrase[i]];
  }

  // Who used node i: { program, access, runs, path }...; they stand in the order of nodes.
  uses(i) {
    const { node, program, access, runs, as, programs, accesses, run_sets, paths } = this.data.uses;
    const uses = [];
    for (let k = d3.bisectLeft(node, i); node[k] === i; k++)
      uses.push({ program: programs[program[k]], access: accesses[access[k]], runs: run_sets[runs[k]],
        path: paths[as[k]] });
    return uses;
  }

  // hit[i]: 1 the path matches, 2 one below it does, 0 neither; no hit at all without a query.
  search(query) {
    const matches = matcher(query.trim().toLowerCase());

    this.hit = null;
    if (!matches)
      return;
    this.hit = new Uint8Array(this.n);
    this.lowerPaths ??= this.makeLowerPaths();
    for (let i = this.n - 1; i > 0; i--) {
      if (matches(this.lowerPaths[i]))
        this.hit[i] |= 1;
      if (this.hit[i])
        this.hit[this.parent[i]] |= 2;
    }
  }

  makeLowerPaths() {
    const paths = new Array(this.n);
    paths[0] = "";
    for (let i = 1; i < this.n; i++)
      paths[i] = paths[this.parent[i]] + "/" + this.names[i].toLowerCase();
    return paths;
  }
}

// A part of the path; with * or ? the whole of its end.
function matcher(query) {
  if (!query)
    return null;
  if (!/[*?]/.test(query))
    return (path) => path.includes(query);
  const pattern = query.replace(/[\\^$.|+()[\]{}]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
  const whole = new RegExp("(^|/)" + pattern + "$", "s");
  return (path) => whole.test(path);
}
