#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""page.py - the page of `imagetrim report` as a person uses it, in a headless Chromium

    page.py [--pictures DIR] IMAGETRIM

In: a small image with names that nobody should trust, and one of 200,000 files. Status 77 where
there is no Chromium, or imagetrim was built without the page. --pictures keeps what it looks like.
"""
import json
import os
import subprocess
import sys
import tempfile

import archive
import browser

HOSTILE = ["<img src=x onerror=document.title=1>", "<script>document.title=1<\u2215script>",
           "a\u202egnp.exe", "&lt;b&gt;", "tab\there", "--><!--<script>", "${1}`'\"", "{{data}}"]
MANY = 200000
LOG = """# imagetrim log 1
header
  arch=amd64
  started=178000000%d000000000
  pod=web-%d
path 1 exec 0 /usr/bin/app
"""


def small_image():
    for name in ("usr", "usr/bin", "usr/share", "usr/share/doc", "srv", "var", "var/lib",
                 "var/lib/dpkg", "var/lib/dpkg/info"):
        yield name.encode(), None
    yield b"usr/bin/app", b"#!/usr/bin/interpreter\n".ljust(2000, b"#")
    yield b"usr/bin/interpreter", b"i" * 4000
    yield b"usr/share/doc/manual", b"m" * 9000
    yield b"usr/share/doc/bytes-\xff", b"b" * 3000
    yield b"var/lib/dpkg/info/app.list", b"/usr/bin/app\n/usr/share/doc/manual\n"
    for name in HOSTILE:
        yield b"srv/" + name.encode(), b"x" * 900


def large_image():
    yield b"usr", None
    yield b"usr/bin", None
    yield b"usr/bin/app", b"a" * 5000
    for i in range(MANY // 1000):
        yield b"usr/d%03d" % i, None
        for k in range(1000):
            yield b"usr/d%03d/file-%03d.so" % (i, k), b"x" * (k * 7 % 512 if k % 5 == 0 else 0)


def report(imagetrim, image, *logs):
    page = image + ".html"
    done = subprocess.run([imagetrim, "report", "docker-archive:" + image, *logs, "-o", page],
                          capture_output=True, text=True, check=False)
    if "built without the page" in done.stderr:
        print("imagetrim was built without the page")
        sys.exit(77)
    if done.returncode:
        sys.exit("FAILED: " + done.stderr)
    return page


class Checks:
    def __init__(self, page, pictures):
        self.page, self.pictures, self.failed = page, pictures, 0

    def same(self, what, got, wanted):
        if got != wanted:
            self.failed += 1
            print(f"FAILED: {what}: {got!r}, not {wanted!r}")

    def text(self, what, selector, wanted):
        self.same(what, self.page.eval(
            f"document.querySelector({json.dumps(selector)})?.innerText.replace(/\\s+/g, ' ')"), wanted)

    def rows(self, grid):
        """The second cell of each row in sight."""
        return self.page.eval(f"[...document.querySelectorAll('{grid} .row[aria-rowindex]')]"
                              ".map((r) => r.children[1].textContent)")

    def clean(self, what):
        self.same(f"{what}: what the browser complains of", self.page.problems, [])

    def picture(self, name, whole=False):
        if self.pictures:
            self.page.picture(os.path.join(self.pictures, name + ".png"), whole)


# ---- the small image, one thing a person does after another ------------------------------------


def looks(c):
    c.text("name", "h1", "docker-archive:small.tar")
    c.text("kept", ".card.kept", "After 6.01 kB 3 files, 23.8 %")
    c.text("warning", "#warnings", "3 paths could not be read from a process: files may be missing "
                                   "after a trim.")
    c.text("runs", "#logs-count", "2 runs")
    c.same("system calls", c.page.eval("document.querySelector('#calls .calls').textContent.split(' ')"
                                       ".includes('uname')"), True)
    c.same("their number", c.page.eval("document.querySelector('#seccomp-count').textContent"
                                       ".endsWith(' calls allowed, from 1 of 2 runs')"), True)
    c.same("curve", c.page.eval("document.querySelectorAll('#curve circle').length"), 2)
    c.same("new per run", c.page.eval("report.runs.map((r) => r.new)"), [1, 1])


def hostile_names(c):
    c.page.click_on("#files-state button[value=all]")
    shown = c.rows("#files-grid")
    for name in HOSTILE:
        name = "/srv/" + name.replace("\u202e", "\\u{202e}").replace("\t", "\\u{9}")
        c.same("name as text: " + name, name in shown, True)
    c.same("bytes that are no text", "/usr/share/doc/bytes-\\xff" in shown, True)
    c.same("nothing became an element", c.page.eval("document.querySelectorAll('img, main script').length"), 0)
    c.same("title", c.page.eval("document.title"), "docker-archive:small.tar \u2013 imagetrim report")


def zooms(c):
    usr = ("(() => { const m = report.map, e = m.canvas.getBoundingClientRect();"
           "const b = m.boxes.find((b) => m.name(b) === 'usr/');"
           "return [e.x + b.x0 + 20, e.y + b.y0 + 8]; })()")
    c.page.eval("document.querySelector('#space').scrollIntoView()")
    c.page.click(*c.page.eval(usr))
    c.text("click goes in", "#crumbs", "/ usr")
    c.same("directory", c.rows("#directory"), ["0\u00a0B", "6.00\u00a0kB"])
    c.page.eval("document.querySelector('#map').focus()")
    c.page.press("ArrowRight", "Enter")
    c.text("keys go in", "#crumbs", "/ usr share doc")
    c.page.press("Backspace", "Backspace")
    c.text("keys go up", "#crumbs", "/ usr")
    c.page.click_on("#crumbs button")
    c.text("crumbs go up", "#crumbs", "/")
    before = c.page.eval("report.map.boxes.length")
    c.page.click_on("#view button[value=after]")
    c.same("after has fewer boxes", c.page.eval("report.map.boxes.length") < before, True)
    c.page.click_on("#view button[value=before]")


def searches(c):
    c.page.eval("document.activeElement.blur()")
    c.page.press("/")
    c.page.type("MANUAL")
    c.page.wait("report.files.rows.length === 1")
    c.text("matches", "#matches", "1 match")
    c.same("list", c.rows("#files-grid"), ["/usr/share/doc/manual"])
    c.same("map", c.page.eval("[report.map.boxes.some((b) => report.model.hit[b.data.node]),"
                              "report.map.boxes.every((b) => report.model.hit[b.data.node])]"), [True, False])
    c.page.eval("query.select()")
    c.page.type("*.exe")
    c.page.wait("report.model.path(report.files.rows[0]).endsWith('.exe')")
    c.same("glob", c.rows("#files-grid"), ["/srv/a\\u{202e}gnp.exe"])
    c.page.eval("query.select()")
    c.page.press("Backspace")
    c.page.wait("!report.model.hit")


def explains(c):
    c.page.click_on("#files-state button[value=removed]")
    c.page.click_on("#files-grid .row[aria-rowindex='2']")
    c.text("largest removed first", "#why .path", "/usr/share/doc/manual")
    c.text("removed", "#why .verdict b", "Removed")
    c.text("what to write", "#why pre", "keep /usr/share/doc/manual")
    c.picture("removed")
    c.page.press("Escape")
    c.same("closed", c.page.eval("why.hidden"), True)
    c.page.click_on("#files-state button[value=kept]")
    c.page.eval("document.querySelector('#files-grid').focus()")
    c.page.press("ArrowDown", "Enter")
    c.text("keys open", "#why .path", "/usr/bin/interpreter")
    c.text("kept", "#why .verdict", "Kept interpreter of /usr/bin/app")
    c.page.click_on("#why .chain .link")
    c.text("who asked for it", "#why .path", "/usr/bin/app")
    c.text("who used it", "#why .uses tbody", "unknown exec 1-2")
    c.page.press("Escape")
    c.same("focus is back", c.page.eval("document.activeElement.id"), "files-grid")


def filters(c):
    c.page.click_on("#files-state button[value=all]")
    c.page.click_on("#packages-grid .row[aria-rowindex='3']")
    c.text("package", "#files-package", "app \u00d7")
    c.same("its files", c.rows("#files-grid"), ["/usr/share/doc/manual", "/usr/bin/app"])
    c.same("kept and removed in all", c.page.eval("[...document.querySelectorAll('#files-grid .row[aria-rowindex]')]"
           ".map((r) => r.classList[1])"), ["removed", "kept"])
    c.page.click_on("#files-grid [role=columnheader]:nth-child(2) button")
    c.same("sorted by path", c.rows("#files-grid"), ["/usr/bin/app", "/usr/share/doc/manual"])
    c.page.click_on("#files-package")
    c.same("all again", c.page.eval("report.files.rows.length"), 5 + len(HOSTILE))


def colours(c):
    # A corner of the map, copied: reading the canvas itself would change how it is drawn.
    corner = ("(() => { const g = document.createElement('canvas').getContext('2d');"
              "g.drawImage(report.map.canvas, 0, 0);"
              "return String(g.getImageData(3, 3, 1, 1).data); })()")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = c.page.eval(paper), c.page.eval(corner)
    c.picture("light", True)
    c.page.media(prefers_color_scheme="dark")
    # The map follows when the browser next draws: waiting for ever says that it does not.
    c.page.wait(f"{corner} !== {json.dumps(light[1])}")
    c.same("the page changes", c.page.eval(paper) != light[0], True)
    c.picture("dark", True)
    c.page.media(prefers_color_scheme="light")


def narrow(c):
    """On a telephone each row is one line, paths show their ends, and nothing is wider than the screen."""
    c.page.size(400, 800)
    c.same("rows of more than one line", c.page.eval(
        "[...document.querySelectorAll('.grid .row')].filter((row) => new Set([...row.children]"
        ".filter((cell) => cell.offsetParent).map((cell) => cell.offsetTop)).size > 1).length"), 0)
    c.same("no wider than the screen", c.page.eval("document.documentElement.scrollWidth <= innerWidth"), True)
    c.same("ends of paths", c.page.eval(
        "[...document.querySelectorAll('#files-grid .spacer .path')].every((cell) => Math.abs("
        "cell.firstChild.getBoundingClientRect().right - cell.getBoundingClientRect().right) < 2"
        " || cell.scrollWidth <= cell.clientWidth)"), True)
    c.picture("narrow", True)
    c.page.size(1280, 900)


def prints(c):
    c.page.eval("dispatchEvent(new Event('beforeprint'))")
    c.same("rows on paper", c.page.eval("document.querySelectorAll('#printed table').length"), 3)
    c.page.eval("dispatchEvent(new Event('afterprint'))")
    c.same("gone afterwards", c.page.eval("document.querySelector('#printed').childElementCount"), 0)
    c.same("a document", c.page.paper()[:5], b"%PDF-")


# ---- 200,000 files ------------------------------------------------------------------------------


def crowd(c, page):
    seconds = c.page.open(page)
    print(f"{MANY} files: {os.path.getsize(page) / 1e6:.1f} MB, usable after {seconds:.2f} s")
    c.same("files", c.page.eval("report.files.rows.length"), MANY)
    c.same("few of them in the document", c.page.eval("document.querySelectorAll('#files-grid .row').length") < 60,
           True)
    c.page.eval("document.querySelector('#files-grid').focus()")
    c.page.press("End")
    c.same("the last", c.page.eval("document.querySelector('#files-grid [aria-selected=true]').ariaRowIndex"),
           str(MANY + 1))
    c.page.press("/")
    c.page.type("file-777")
    c.page.wait(f"report.files.rows.length === {MANY // 1000}")
    c.picture("crowd")


def main():
    args = sys.argv[1:]
    pictures = os.path.abspath(args[1]) if args[0] == "--pictures" else None
    imagetrim = os.path.abspath(args[-1])
    if not browser.find():
        print("there is no chromium")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="imagetrim-report.") as work:
        os.chdir(work)
        archive.write("small.tar", small_image())
        archive.write("large.tar", large_image())
        for n, more in ((0, ""), (1, "path 2 stat 1 /usr/share\nnote unreadable 3 x\nnote syscall 1 x86_64 63\n")):
            with open(f"log{n}", "w", encoding="utf-8") as f:
                f.write(LOG % (n, n) + more + "end\n")
        small = report(imagetrim, "small.tar", "log0", "log1")
        large = report(imagetrim, "large.tar", "log0")
        with browser.Browser() as page:
            checks = Checks(page, pictures)
            page.open(small)
            for step in (looks, hostile_names, zooms, searches, explains, filters, colours, narrow, prints):
                step(checks)
                checks.clean(step.__name__)
            crowd(checks, large)
            checks.clean("crowd")
    sys.exit(1 if checks.failed else 0)


main()
