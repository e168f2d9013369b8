# SPDX-License-Identifier: Apache-2.0
imagetrim --help
for verb in run instrument trim explain verify diff merge logs dump; do
	echo "== $verb"
	imagetrim "$verb" --help
done
for verb in instrument collect restore; do
	echo "== kube $verb"
	imagetrim kube "$verb" --help
done
