# SPDX-License-Identifier: Apache-2.0
# YAML as people write it: comments, order and spelling of what is not changed stay.
forms="python3 $(dirname "$0")/kube_forms.py"
change() { imagetrim kube instrument "$@" --image web=web:rec --volume pvc:traces; }
cat >web.yaml <<'Y'
# Ask ops before changing the number of replicas: ü is no problem.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}   # selector
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: web        # the application
        image: "web:1.4" # pinned
        command: [web-server, --port, "8080"]
        livenessProbe:
          exec:
            command:
            # cheap
            - web-check
            - --fast
        env:
        - name: MODE
          value: "yes"
        args:
        - |
          many
          lines
      - name: helper
        image: helper:2
        tty: yes
---
apiVersion: v1
kind: Service   # untouched
metadata: {name: web}
...
Y
change web.yaml >rec.yaml
diff web.yaml rec.yaml
imagetrim kube restore rec.yaml >back.yaml
diff web.yaml back.yaml
$forms --same web.yaml back.yaml && echo same
echo "== aliases"
cat >alias.yaml <<'Y'
kind: Pod
spec:
  containers:
  - name: a
    image: &image web:1
    command: &command [run, it]
  - {name: b, image: *image, command: *command, stdin: yes, weight: 0x10}
Y
change alias.yaml >rec.yaml
cat rec.yaml
imagetrim kube restore rec.yaml >back.yaml
$forms --same alias.yaml back.yaml && echo same
echo "== flow, nothing, no newline at the end"
printf -- '--- {kind: Pod, spec: {containers: [{name: a, image: web}]}}\n---\n---\nkind: Pod\nspec:\n    volumes:\n    containers:\n        - image: web\n          name: a\n          env: # nothing' >odd.yaml
change odd.yaml >rec.yaml
cat rec.yaml
imagetrim kube restore rec.yaml >back.yaml
$forms --same odd.yaml back.yaml && echo same
