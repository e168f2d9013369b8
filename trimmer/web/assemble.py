#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""assemble.py - the report's page from its pieces, as C

    assemble.py OUT.c TEMPLATE STYLE NOTICE SCRIPT... [--libraries LIBRARY...]

Puts style, libraries and scripts into the template's {{places}}; what stands before {{data}} and
what stands behind it become two arrays (page.h). The scripts run as one function. Scripts and
style are named in the page's policy by their hashes, so a browser runs and fetches nothing else.
Without libraries the arrays are empty: imagetrim then says that it has no page.
"""
import base64
import hashlib
import sys


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def source(text):
    """What a policy calls this script or style."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def embed(texts, name):
    text = "\n".join(t.strip() for t in texts)
    if f"</{name}" in text.lower() or "<!--" in text:
        sys.exit(f"assemble.py: the page's {name} would end early")
    return "\n" + text + "\n"


def assemble(template, style, notice, scripts, libraries):
    style = embed([read(style)], "style")
    library = embed(map(read, libraries), "script")
    script = embed(["(() => {", '"use strict";', *map(read, scripts), "})();"], "script")
    places = {"style": style, "notice": read(notice), "library": library, "script": script,
              "style-source": source(style), "script-source": source(library) + " " + source(script)}
    page = read(template)
    for name, text in places.items():
        page = page.replace("{{" + name + "}}", text)
    return page.split("{{data}}")


def array(name, text):
    data = text.encode()
    lines = (",".join(map(str, data[i:i + 32])) for i in range(0, len(data), 32))
    return (f"const char {name}[] = {{\n" + ",\n".join([*lines, "0"]) + "};\n"
            f"const size_t {name}_len = {len(data)};\n")


def main():
    out, template, style, notice, *scripts = sys.argv[1:]
    at = scripts.index("--libraries") if "--libraries" in scripts else len(scripts)
    libraries = scripts[at + 1:]
    head, tail = "", ""
    if libraries:
        head, tail = assemble(template, style, notice, scripts[:at], libraries)
    with open(out, "w", encoding="utf-8") as f:
        f.write('/* Made by trimmer/web/assemble.py. */\n#include "page.h"\n\n'
                + array("page_head", head) + array("page_tail", tail))


main()
