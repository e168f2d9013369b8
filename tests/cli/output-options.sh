# SPDX-License-Identifier: Apache-2.0
# What --layers, --compress, --threads and --platform refuse, before any image is opened
for word in layers=two compress=xz compress=gzip:99 threads=0 platform=linux; do
	imagetrim trim --$word docker-archive:none.tar list -t docker-archive:out.tar
	echo "$?"
done
imagetrim instrument --platform linux/ docker-archive:none.tar -t docker-archive:out.tar
imagetrim run --layers two docker-archive:none.tar -t docker-archive:out.tar
imagetrim run --ignore-listings docker-archive:none.tar -t docker-archive:out.tar
