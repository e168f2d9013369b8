# SPDX-License-Identifier: Apache-2.0
# Help goes to stdout and fits a terminal of 80 columns.
for verb in "" run instrument trim merge dump; do
	imagetrim $verb --help | awk -v v="$verb" 'length > 80 { print v ": " $0 }'
done
