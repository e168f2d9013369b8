# SPDX-License-Identifier: Apache-2.0
"""kube_api.py KUBECONFIG COMMAND...: runs the command with KUBECONFIG written for an API server
that knows the kinds there are, and has no object: enough for "kubectl apply --dry-run=client"."""
import http.server
import json
import os
import subprocess
import sys
import threading

KINDS = {
    "v1": ["Pod", "Service"],
    "apps/v1": ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"],
    "batch/v1": ["Job", "CronJob"],
}


def resources(version):
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": [
        {"name": kind.lower() + "s", "singularName": kind.lower(), "namespaced": True,
         "kind": kind, "verbs": ["create", "get", "list", "patch"]} for kind in KINDS[version]]}


def group(version):
    entry = {"groupVersion": version, "version": "v1"}
    return {"name": version.split("/")[0], "versions": [entry], "preferredVersion": entry}


ANSWERS = {"/api": {"kind": "APIVersions", "versions": ["v1"]},
           "/apis": {"kind": "APIGroupList", "apiVersion": "v1",
                     "groups": [group(v) for v in KINDS if "/" in v]}}
for v in KINDS:
    ANSWERS[("/apis/" if "/" in v else "/api/") + v] = resources(v)
NOT_FOUND = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound",
             "message": "not found", "code": 404}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        answer = ANSWERS.get(self.path.split("?")[0])
        body = json.dumps(answer or NOT_FOUND).encode()
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(sys.argv[1], "w", encoding="utf-8") as f:
    json.dump({"kind": "Config", "apiVersion": "v1", "current-context": "c",
               "clusters": [{"name": "c", "cluster": {
                   "server": f"http://127.0.0.1:{server.server_address[1]}"}}],
               "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
               "users": [{"name": "u", "user": {}}]}, f)
sys.exit(subprocess.run(sys.argv[2:], check=False,
                        env={**os.environ, "KUBECONFIG": sys.argv[1], "HOME": os.path.dirname(
                            os.path.abspath(sys.argv[1]))}).returncode)
