# SPDX-License-Identifier: Apache-2.0
# Nothing is left behind when there is no space.
seq 1000 | sed 's|^|/some/path/|' >list
imagetrim merge -o /dev/full/x list
(ulimit -f 1; imagetrim merge -o out.tlog list)
ls
