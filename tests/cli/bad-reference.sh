# SPDX-License-Identifier: Apache-2.0
echo /a >list
imagetrim trim ./Redis list -t x
imagetrim trim oci: list -t x
imagetrim trim -- -rm list
