# SPDX-License-Identifier: Apache-2.0
# On a terminal the report has its width and colours, and none with NO_COLOR or to a pipe
golden=$(dirname "$0")/../golden
python3 "$golden/golden.py" --archive "$golden/cases/packages.in" image.tar
printf '/bin/tool\n' >paths
cat >terminal.py <<'EOF'
import fcntl, os, pty, struct, sys, termios
columns, *settings = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.read(0, 1)
    for name in ("NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"):
        os.environ.pop(name, None)
    os.environ.update([s.split("=", 1) for s in ["TERM=xterm", *settings]])
    os.execvp("imagetrim", "imagetrim trim docker-archive:image.tar paths -t docker-archive:small.tar".split())
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, int(columns), 0, 0))
os.write(terminal, b"\n")
text = b""
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    text += piece
os.waitpid(pid, 0)
print("columns", *sys.argv[1:])
for line in text.decode().splitlines():
    if line.startswith(("/usr", "\x1b", "    ", "packages")):
        print(line.rstrip().replace("\x1b", "<ESC>"))
EOF
python3 terminal.py 80
python3 terminal.py 120 LANG=C.UTF-8
python3 terminal.py 60 NO_COLOR=1
python3 terminal.py 80 NO_COLOR= TERM=dumb
