# SPDX-License-Identifier: Apache-2.0
"""kube_schema.py FILE...: are the objects what Kubernetes' API says they may be? Each is read
into the types that are generated from its OpenAPI description (python3-kubernetes), which refuse
a missing or wrong value, and written back; a field that does not come back is an unknown one."""
import json
import sys

import yaml
from kubernetes import client

API = client.ApiClient()


def lost(value, back, path):
    """Paths of what is in value and not, or not the same, in back."""
    if isinstance(value, dict) and isinstance(back, dict):
        for key, item in value.items():
            if item is not None:
                yield from lost(item, back.get(key), f"{path}.{key}")
    elif isinstance(value, list) and isinstance(back, list) and len(value) == len(back):
        for i, item in enumerate(value):
            yield from lost(item, back[i], f"{path}[{i}]")
    elif value != back:
        yield f"{path}: {json.dumps(value)} is read as {json.dumps(back)}"


def check(item):
    """The problems of an object, or of those in a list."""
    if item["kind"] == "List":
        for child in item["items"]:
            yield from check(child)
        return
    try:
        # The type's name as in the description: V1Deployment. (No public function takes a
        # value that is parsed already.)
        model = API._ApiClient__deserialize(item, "V1" + item["kind"])
    except (ValueError, AttributeError) as e:
        yield f"{item['kind']}: {e}"
        return
    yield from lost(item, API.sanitize_for_serialization(model), item["kind"])


status = 0
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as f:
        text = f.read()
    docs = [json.loads(text)] if text[0] == "{" else yaml.safe_load_all(text)
    for problem in [p for doc in docs if doc for p in check(doc)]:
        print(f"{name}: {problem}")
        status = 1
sys.exit(status)
