# SPDX-License-Identifier: Apache-2.0
# The page of report: what is refused, what is in it, the same bytes each time
golden=$(dirname "$0")/../golden
python3 "$golden/golden.py" --archive "$golden/cases/packages.in" image.tar
printf '/bin/tool\n/usr/lib/apkfile\n' >paths
imagetrim report docker-archive:image.tar paths
imagetrim report docker-archive:image.tar paths -o nowhere/page.html
imagetrim report docker-archive:image.tar paths -o page.html
imagetrim report docker-archive:image.tar paths -o again.html --json >data
cmp page.html again.html
ls
python3 - <<'EOF'
import base64, gzip, json, re
page = open("page.html").read()
data = json.load(open("data"))
packed = re.search(r'id="data">([^<]*)<', page).group(1)
assert json.loads(gzip.decompress(base64.b64decode(packed))) == data
assert "libtool" not in page, "a name of the image in the page's text"
assert not re.search(r'(src|href)="[^#]', page), "the page names something else"
print({key: value for key, value in data.items() if key not in ("tree", "phrases", "report", "version")})
tree = data["tree"]
for i in range(len(tree["name"])):
    print(i, *(tree[column][i] for column in tree), data["phrases"][tree["why"][i]])
EOF
