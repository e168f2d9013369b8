#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pages.py - how long the page of `imagetrim report` takes to make, and until it can be used

    pages.py IMAGETRIM

Rewrites the section "Page" of docs/performance.md. CPU seconds are those of the browser's process
for the page, which the machine's load does not change much.
"""
import multiprocessing
import os
import sys
import tempfile

from rounds import Table, machine, once, replace_section, spread

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "report"))
import archive  # noqa: E402
import browser  # noqa: E402

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
DIRECTORIES, EACH = 200, 1000


def names():
    for i in range(DIRECTORIES):
        for k in range(EACH):
            yield f"usr/lib/d{i:03}/module-{k * 7919 % 1000:03}-{i * k % 89:02x}.so"


def image():
    for name in ["usr", "usr/lib", *(f"usr/lib/d{i:03}" for i in range(DIRECTORIES))]:
        yield name.encode(), None
    for k, name in enumerate(names()):
        yield name.encode(), b"x" * (k * 31 % 1500 if k % 4 == 0 else 0)


def write_input():
    archive.write("image.tar", image())
    with open("one", "w", encoding="utf-8") as f:
        f.write("/" + next(names()) + "\n")
    with open("all", "w", encoding="utf-8") as f:
        f.writelines("/" + name + "\n" for name in names())


def load(page):
    """Seconds until the page can be used, and CPU seconds of its process."""
    with browser.Browser() as chromium:
        chromium.call("Performance.enable")
        seconds = chromium.open(page)
        metrics = {m["name"]: m["value"] for m in chromium.call("Performance.getMetrics")["metrics"]}
        return seconds, metrics["ProcessTime"], metrics["JSHeapUsedSize"]


def measure(imagetrim, log):
    made, loaded = [], []
    for _ in range(ROUNDS):
        made.append(once([imagetrim, "report", "-q", "docker-archive:image.tar", log, "-o", "page.html"]))
        loaded.append(load("page.html"))
    return [spread([m.wall for m in made], ".2f"), f"{max(m.rss for m in made) / 1e6:.0f} MB",
            f"{os.path.getsize('page.html') / 1e6:.2f} MB", spread([x[0] for x in loaded], ".2f"),
            spread([x[1] for x in loaded], ".2f"), f"{max(x[2] for x in loaded) / 1e6:.0f} MB"]


def main():
    imagetrim = os.path.abspath(sys.argv[1])
    table = Table(f"{DIRECTORIES * EACH:,} files", "seconds to make it", "peak memory", "size of the page",
                  "seconds until it can be used", "CPU seconds of that", "memory of the page")
    with tempfile.TemporaryDirectory(prefix="imagetrim-bench.") as work:
        os.chdir(work)
        # In a process of its own: a child's peak memory is at least what its parent has.
        writer = multiprocessing.Process(target=write_input)
        writer.start()
        writer.join()
        table.row("one kept", *measure(imagetrim, "one"))
        table.row("all kept, each used by a run", *measure(imagetrim, "all"))
        os.chdir(HERE)
    text = f"## Page\n\n`imagetrim report`, Chromium without a screen; {machine()}\n\n{table.text()}"
    print(text)
    replace_section(os.path.join(HERE, "..", "..", "docs", "performance.md"), "page", text)


main()
