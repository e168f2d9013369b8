# SPDX-License-Identifier: Apache-2.0
imagetrim --version | sed 's/[0-9.]*$/N/'
