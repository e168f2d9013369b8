# SPDX-License-Identifier: Apache-2.0
# --json has the whole report, and it adds up
golden=$(dirname "$0")/../golden
python3 "$golden/golden.py" --archive "$golden/cases/packages.in" image.tar
printf '/bin/tool\n/usr/lib/apkfile\n' >paths
imagetrim trim docker-archive:image.tar paths -t docker-archive:small.tar --json >result
python3 - <<'EOF'
import json
result = json.load(open("result"))
report = result["report"]
for side in ("kept", "removed"):
    for what in ("files", "bytes"):
        total = report[side][what]
        assert total == sum(row[side][what] for row in report["directories"])
        assert total == sum(row[side][what] for row in
                            report["packages"] + [report["unpackaged"]])
assert report["kept"]["files"] == result["trimmed"]["files"]
assert report["kept"]["files"] + report["removed"]["files"] == result["original"]["files"]
for row in report["packages"]:
    print(row["name"], row["kept"], row["removed"])
EOF
