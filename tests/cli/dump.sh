# SPDX-License-Identifier: Apache-2.0
cat >log.txt <<'EOF'
# imagetrim log 1
header
  arch=amd64
  arg=odd\x0aword
  mount=/proc
path 1 exec 0 /usr/bin/app
path 2 read,stat 1 /etc/conf with blank
path 3 read,resolved 1 2 /etc/\x01real
seen 2 write 1
note unreadable 3 why
note 99 1 from a newer version
end
  paths=3
header
  arch=amd64
seen 1 exec 0
path 4 miss 1 /none
# cut
EOF
imagetrim merge -o log.tlog log.txt
imagetrim dump log.txt | diff log.txt - && echo "text to log and back: the same"
imagetrim dump log.tlog
echo "== paths"
imagetrim dump --paths log.txt
