# SPDX-License-Identifier: Apache-2.0
echo /a >list
imagetrim trim docker-archive:none.tar list -t docker-archive:out.tar
imagetrim trim oci:none list -t docker-archive:out.tar
imagetrim trim oci-archive:list list -t docker-archive:out.tar
ls
