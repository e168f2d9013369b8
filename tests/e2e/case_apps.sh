# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# Other applications: a script on busybox, Python, nginx with workers that
# drop their privileges.

# trimmed_same ORIGINAL NEW LOG [-- ARGS]: trims by one run, and the new image
# prints the same and ends the same.
trimmed_same() {
	local original=$1 new=$2 want got
	shift 2
	need it run "$original" -t "$new" -o "${new/:/-}.tlog" -- "$@"
	try erun "$original" "$@"
	want="status $rc: $out"
	try erun "$new" "$@"
	got="status $rc: $out"
	same "output of $new" "$want" "$got"
	same_config "$original" "$new"
}

test_busybox_script() {
	trimmed_same busybox:t busybox:write write
	smaller busybox:write 2500000
	trimmed_same busybox:t busybox:exit exit 0
	# What was not recorded is not there, what was is.
	try erun busybox:write other
	same "status with other arguments" 0 "$rc"
}

# The application's exit status is the run's business, not an error of ours:
# the image is trimmed all the same.
test_exit_status() {
	try it run busybox:t -t busybox:exit3 -o exit3.tlog -- exit 3
	eng image inspect busybox:exit3 >/dev/null || fail "no image: $err"
	try erun busybox:exit3 exit 3
	same "status of the trimmed image" 3 "$rc"
}

# Modules, a package in a directory, data beside the program, a subprocess, a
# thread, a link made at run time.
python_program() {
	cat <<'PY'
import decimal, hashlib, json, os, re, subprocess, sys, tempfile, threading
import greet.words
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "data.json")) as f:
    print(json.load(f)["answer"], greet.words.hello(), decimal.Decimal("1.10"))
print(hashlib.sha256(b"x").hexdigest()[:8], re.sub("a", "b", "aaa"), sys.argv[1:])
seen = []
t = threading.Thread(target=lambda: seen.append(open("/etc/debian_version").read().strip()))
t.start(); t.join()
print(seen)
print(subprocess.run(["uname", "-s"], capture_output=True, text=True).stdout.strip())
with tempfile.TemporaryDirectory() as d:
    os.symlink(here, os.path.join(d, "link"))
    print(os.listdir(os.path.join(d, "link", "greet")).count("words.py"))
print(os.getuid(), os.getcwd())
PY
}

# Several layers, with files removed and replaced in the upper ones.
python_image() {
	eng image inspect python:t >/dev/null 2>&1 && return
	mkdir -p app/greet
	python_program >app/main.py
	echo 'def hello(): return "hello"' >app/greet/words.py
	touch app/greet/__init__.py
	echo '{"answer": 42}' >app/data.json
	eng create --name py --pull never services:t rm -rf /usr/share/doc /usr/share/man \
		/var/log/dpkg.log >/dev/null
	STARTED+=(py)
	eng start -a py >/dev/null
	eng cp app py:/srv/app
	eng commit --change 'ENTRYPOINT ["python3"]' --change 'CMD ["main.py"]' \
		--change 'WORKDIR /srv/app' --change 'USER www-data' py python:t >/dev/null 2>&1
}

test_python() {
	python_image
	trimmed_same python:t python:trim main.py one two
	smaller python:trim 40000000
}

nginx_image() {
	eng image inspect nginx:t >/dev/null 2>&1 && return
	mkdir -p html
	echo '<h1>it works</h1>' >html/index.html
	head -c 300000 /dev/zero | tr '\0' x >html/big.txt
	eng create --name ng --pull never services:t true >/dev/null
	STARTED+=(ng)
	eng cp html/. ng:/var/www/html
	eng commit --change 'CMD ["nginx","-g","daemon off;"]' \
		--change 'EXPOSE 80' ng nginx:t >/dev/null 2>&1
}

fetch() { # fetch ADDRESS PATH
	python3 -c '
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())' \
		"http://$1$2"
}

# The master is root, the workers are www-data and open the pages only after
# they gave their privileges up: exactly what the tracer finds hard to read.
test_nginx() {
	nginx_image
	need it instrument nginx:t -t nginx:traced
	start web nginx:traced
	until_ok 10 fetch "$(address web)" /
	fetch "$(address web)" /big.txt | wc -c >size
	try fetch "$(address web)" /missing
	eng stop -t 5 web >/dev/null
	same "end of nginx, traced" "exited 0" "$(container_status web)"
	collect web logs
	has "page in the log" "$(log_paths logs/*.tlog)" '^/var/www/html/(index.html|big.txt)$'

	need it trim nginx:t logs -t nginx:trim
	same_config nginx:t nginx:trim
	smaller nginx:trim 25000000
	start web nginx:trim
	until_ok 10 fetch "$(address web)" /
	same page "<h1>it works</h1>" "$(fetch "$(address web)" /)"
	same "size of the big page" "$(cat size)" "$(fetch "$(address web)" /big.txt | wc -c)"
	try eng top web
	has "workers' user" "$out" '(www-data|33) .*worker process'
	eng stop -t 5 web >/dev/null
	same "end of nginx" "exited 0" "$(container_status web)"
}

# The same by one command: --drive knows the container and its address.
test_nginx_drive() {
	nginx_image
	cat >drive.sh <<-'DRIVE'
		i=0
		while ! page=$(python3 -c 'import sys, urllib.request as u
		sys.stdout.write(u.urlopen(sys.argv[1], timeout=5).read().decode())' \
			"http://$IMAGETRIM_ADDRESS/" 2>/dev/null); do
			[ $((i += 1)) -lt 100 ] || exit 1
			sleep 0.1
		done
		echo "$IMAGETRIM_CONTAINER $page" >driven
	DRIVE
	need it run nginx:t -t nginx:driven -o nginx.tlog --drive "sh $PWD/drive.sh"
	has "what --drive saw" "$(cat driven)" '^[0-9a-f]{12,64} <h1>it works</h1>$'
	start web nginx:driven
	until_ok 10 fetch "$(address web)" /
	same page "<h1>it works</h1>" "$(fetch "$(address web)" /)"
}
