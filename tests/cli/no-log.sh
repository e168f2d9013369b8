# SPDX-License-Identifier: Apache-2.0
imagetrim trim docker-archive:none.tar nowhere.tlog -t docker-archive:out.tar
imagetrim dump nowhere.tlog
imagetrim merge -o out.tlog nowhere.tlog
ls
