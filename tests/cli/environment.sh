# SPDX-License-Identifier: Apache-2.0
# A verb without any option keeps its environment (the plainest run once lost its PATH).
mkdir fake
printf '#!/bin/sh\necho "engine asked: $*" >&2\nexit 1\n' >fake/docker
chmod +x fake/docker
cp fake/docker fake/podman
cp fake/docker fake/nerdctl
PATH=$PWD/fake:$PATH imagetrim run redis:7
