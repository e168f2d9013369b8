# SPDX-License-Identifier: Apache-2.0
imagetrim trim redis -t x
