# SPDX-License-Identifier: Apache-2.0
"""kube_forms.py DIR: an object of each kind as DIR/KIND.json and DIR/KIND.yaml, a List of all, and
one YAML stream of all. kube_forms.py --same A B: status 0 if both hold the same values."""
import json
import sys

import yaml

POD = {
    "initContainers": [
        {"name": "setup", "image": "web:1.4", "command": ["/setup"]},
    ],
    "containers": [
        {"name": "web", "image": "web:1.4", "command": ["web", "8080"], "args": ["$(MODE)"],
         "env": [{"name": "MODE", "value": "yes"}, {"name": "IMAGETRIM_NAME", "value": "mine"}],
         "livenessProbe": {"exec": {"command": ["alive"]}, "periodSeconds": 5},
         "readinessProbe": {"httpGet": {"path": "/", "port": 80}},
         "startupProbe": {"exec": {"command": ["started", "--é"]}},
         "lifecycle": {"postStart": {"exec": {"command": ["sh", "-c", "echo \"a\"\nb"]}},
                       "preStop": {"exec": {"command": ["stop"]}}},
         "volumeMounts": [{"name": "data", "mountPath": "/data"}],
         "securityContext": {"readOnlyRootFilesystem": True}},
        {"name": "plain", "image": "registry:5000/team/web@sha256:" + "0" * 64},
        {"name": "second", "image": "web", "env": None},
        {"name": "other", "image": "web2:1", "command": ["other"]},
    ],
    "volumes": [{"name": "data", "emptyDir": {}}],
}
META = {"name": "web", "annotations": {"note": "1.10"}}


def objects():
    template = {"metadata": {"labels": {"app": "web"}}, "spec": POD}
    yield {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
           "spec": {**POD, "volumes": []}}
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template}
        if kind == "StatefulSet":
            spec["serviceName"] = "web"
        yield {"apiVersion": "apps/v1", "kind": kind, "metadata": META, "spec": spec}
    job = {"template": template, "backoffLimit": 1}
    yield {"apiVersion": "batch/v1", "kind": "Job", "metadata": META, "spec": job}
    yield {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": META,
           "spec": {"schedule": "*/5 * * * *", "jobTemplate": {"spec": job}}}
    yield {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}


def write(directory, name, value):
    text = json.dumps(value, indent=2)
    with open(f"{directory}/{name}.json", "w", encoding="utf-8") as f:
        f.write(text + "\n")
    with open(f"{directory}/{name}.yaml", "w", encoding="utf-8") as f:
        yaml.safe_dump(json.loads(text), f, sort_keys=False, allow_unicode=True)


def values(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    return [json.loads(text)] if text[0] == "{" else list(yaml.safe_load_all(text))


if sys.argv[1] == "--same":
    sys.exit(values(sys.argv[2]) != values(sys.argv[3]))
everything = list(objects())
for item in everything:
    write(sys.argv[1], item["kind"], item)
write(sys.argv[1], "List", {"apiVersion": "v1", "kind": "List", "items": everything})
with open(f"{sys.argv[1]}/stream.yaml", "w", encoding="utf-8") as out:
    yaml.safe_dump_all(json.loads(json.dumps(everything)), out, explicit_start=True)
