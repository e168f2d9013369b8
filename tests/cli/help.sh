# SPDX-License-Identifier: Apache-2.0
imagetrim --help
for verb in run instrument trim merge logs dump; do
	echo "== $verb"
	imagetrim "$verb" --help
done
