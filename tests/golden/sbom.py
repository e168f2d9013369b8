#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sbom.py - bills of materials: what they must hold, of an image before and after a trim

sbom.py IMAGETRIM [OUTPUT-DIRECTORY]: the image of cases/packages-cut.in, with a copyright file. SPDX is
checked here by the rules of its version 2.3 and of the published schemas of 2.3 and 2.3.1 (which
elements, which fields, checksums, identifiers); the suite "package" takes what is written to
OUTPUT-DIRECTORY to SPDX's own validator, and CycloneDX to the schemas in its library.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COPYRIGHT = ("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\\n\\n"
             "Files: *\\nLicense: GPL-2+\\n\\nFiles: a\\nLicense: Expat\\n text\\n\\n"
             "License: Odd licence/1\\n text\\n")
# What both schemas say of each field that we write: bool, a pattern of the whole text, the name of a
# kind of object, or a list of one of these. "?": may be missing.
ID, HEX, TEXT = r"SPDXRef-[a-zA-Z0-9.-]+", "[0-9a-f]+", r"(?s).*"
SCHEMA = {
    "document": {"SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2[.]3", "dataLicense": "CC0-1[.]0",
                 "name": TEXT, "documentNamespace": "https://[^#]+", "creationInfo": "creation",
                 "packages": ["package"], "files": ["file"], "relationships": ["relationship"],
                 "hasExtractedLicensingInfos?": ["licence"]},
    "creation": {"created": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ",
                 "creators": [r"Tool: \S+"]},
    "package": {"SPDXID": ID, "name": TEXT, "downloadLocation": TEXT, "filesAnalyzed": bool,
                "packageVerificationCode?": "code", "licenseConcluded": TEXT,
                "licenseDeclared": TEXT, "copyrightText": TEXT, "versionInfo": TEXT,
                "comment?": TEXT, "primaryPackagePurpose?": "CONTAINER", "externalRefs?": ["ref"]},
    "code": {"packageVerificationCodeValue": HEX},
    "ref": {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
            "referenceLocator": r"pkg:\S+"},
    "file": {"SPDXID": ID, "fileName": r"(?s)[.]/.+", "checksums": ["checksum"],
             "licenseConcluded": TEXT, "licenseInfoInFiles": [TEXT], "copyrightText": TEXT},
    "checksum": {"algorithm": "SHA1|SHA256", "checksumValue": HEX},
    "relationship": {"spdxElementId": ID, "relatedSpdxElement": ID,
                     "relationshipType": "DESCRIBES|CONTAINS"},
    "licence": {"licenseId": r"LicenseRef-[a-zA-Z0-9.-]+", "name": TEXT, "extractedText": TEXT},
}


def same(what, want, got):
    if want != got:
        sys.exit("%s: wanted %s, got %s" % (what, want, got))


def check_value(where, value, rule):
    if isinstance(rule, list):
        assert isinstance(value, list) and value, where
        for one in value:
            check_value(where, one, rule[0])
    elif rule is bool:
        assert isinstance(value, bool), where
    elif rule in SCHEMA:
        fields = {f.rstrip("?"): r for f, r in SCHEMA[rule].items()}
        assert set(value) <= set(fields), (where, set(value) - set(fields))
        missing = {f for f in SCHEMA[rule] if not f.endswith("?")} - set(value)
        assert not missing, (where, missing)
        for field in value:
            check_value(where + "." + field, value[field], fields[field])
    else:
        assert isinstance(value, str) and re.fullmatch(rule, value), (where, value)


def check_spdx(doc):
    check_value("document", doc, "document")
    same("created", "2020-01-01T00:00:00Z", doc["creationInfo"]["created"])
    ids = ["SPDXRef-DOCUMENT"] + [e["SPDXID"] for e in doc["packages"] + doc["files"]]
    same("identifiers", len(ids), len(set(ids)))
    refs = {e["licenseId"] for e in doc.get("hasExtractedLicensingInfos", [])}
    sums = {f["SPDXID"]: f["checksums"][0]["checksumValue"] for f in doc["files"]}
    inside = {}
    for r in doc["relationships"]:
        assert r["spdxElementId"] in ids and r["relatedSpdxElement"] in ids, r
        if r["relatedSpdxElement"] in sums:
            inside.setdefault(r["spdxElementId"], []).append(sums[r["relatedSpdxElement"]])
    same("files that something contains", len(sums), sum(len(v) for v in inside.values()))
    for p in doc["packages"]:
        files = inside.get(p["SPDXID"], [])
        same("analyzed", bool(files), p["filesAnalyzed"])
        if files:
            same("code", hashlib.sha1("".join(sorted(files)).encode()).hexdigest(),
                 p["packageVerificationCode"]["packageVerificationCodeValue"])
        for ref in re.findall(r"LicenseRef-[\w.-]+", p["licenseDeclared"]):
            assert ref in refs, ref
    for f in doc["files"]:
        same("algorithms", ["SHA1", "SHA256"], [c["algorithm"] for c in f["checksums"]])


def rows(doc):
    return {p["name"]: (p["versionInfo"], p["licenseDeclared"], p.get("comment"))
            for p in doc["packages"][2:]}


def main():
    imagetrim, out = os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None

    def sbom(image, *options, source_date=None):
        env = {k: v for k, v in os.environ.items() if k != "SOURCE_DATE_EPOCH"}
        if source_date:
            env["SOURCE_DATE_EPOCH"] = source_date
        return subprocess.run([imagetrim, "sbom", "docker-archive:" + image, *options],
                              stdout=subprocess.PIPE, check=True, env=env,
                              stderr=subprocess.DEVNULL).stdout

    with tempfile.TemporaryDirectory(prefix="imagetrim-sbom.") as work:
        os.chdir(work)
        with open(HERE + "/cases/packages-cut.in", encoding="utf-8") as f:
            image, paths = f.read().split("\npaths\n")
        with open("case.in", "w", encoding="utf-8") as f:
            f.write(image + '\nfile usr/share/doc/one/copyright 0644 0:0 "' + COPYRIGHT + '"\n')
        with open("paths", "w", encoding="utf-8") as f:
            f.write(paths)
        subprocess.run([HERE + "/golden.py", "--archive", "case.in", "in.tar"], check=True)
        subprocess.run([imagetrim, "trim", "-q", "docker-archive:in.tar", "paths", "-t",
                        "docker-archive:out.tar"], check=True, stdout=subprocess.DEVNULL)
        whole, left = json.loads(sbom("in.tar")), json.loads(sbom("out.tar"))
        check_spdx(whole)
        check_spdx(left)
        licence = "GPL-2.0-or-later AND MIT AND LicenseRef-Odd-licence-1"
        same("whole", ("1:1.0-1", licence, None), rows(whole)["one"])
        same("left", ("1:1.0-1", licence, "Only a part is in the image: 1 of 2 files."),
             rows(left)["one"])
        same("apk", ("1.0-r0", "MIT", "Only a part is in the image: 1 of 2 files."),
             rows(left)["apkpart"])
        same("gone", {"gone", "dash", "apkgone", "lost"}, set(rows(whole)) - set(rows(left)))
        same("purl", "pkg:deb/debian/one@1%3A1.0-1?arch=amd64", next(
            p for p in left["packages"] if p["name"] == "one"
        )["externalRefs"][0]["referenceLocator"])
        one = next(f for f in left["files"] if f["fileName"] == "./usr/bin/one")
        same("hash", hashlib.sha256(b"one").hexdigest(), one["checksums"][1]["checksumValue"])
        same("another time", "1970-01-01T00:00:09Z", json.loads(
            sbom("out.tar", source_date="9"))["creationInfo"]["created"])
        same("the same again", sbom("out.tar"), sbom("out.tar"))
        cdx = json.loads(sbom("out.tar", "--format", "cyclonedx"))
        part = next(c for c in cdx["components"] if c["name"] == "one")
        same("cyclonedx", ["/usr/bin/one"], [f["name"] for f in part["components"]])
        if out:
            for name in ("in", "out"):
                for kind, option in ("cdx", "cyclonedx"), ("spdx", "spdx"):
                    with open("%s/%s.%s.json" % (out, name, kind), "wb") as f:
                        f.write(sbom(name + ".tar", "--format", option))


main()
