#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# completion.sh IMAGETRIM IMAGETRIM-TRACER COMPLETIONS: bash, zsh and fish complete, each itself,
# by the files that are installed. 77 if a shell is missing.
set -euo pipefail

[ $# = 3 ] || exit 2
for shell in bash zsh fish; do
	command -v $shell >/dev/null || { echo "$shell is not installed" && exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
completions=$(realpath "$3")
mkdir "$work/bin" "$work/dir" "$work/functions"
ln -s "$(realpath "$1")" "$work/bin/imagetrim"
ln -s "$(realpath "$2")" "$work/bin/imagetrim-tracer"
cp "$completions/imagetrim.zsh" "$work/functions/_imagetrim"
export PATH=$work/bin:$PATH HOME=$work LC_ALL=C completions
cd "$work/dir"
touch one.tlog two.tlog

same() { # WHAT WANTED GOT
	[ "$2" = "$3" ] || {
		printf '%s: wanted "%s", got "%s"\n' "$1" "$2" "$3"
		exit 1
	}
}

# in_bash LINE: what bash offers at its end, in one line.
in_bash() {
	# shellcheck disable=SC2016  # the inner shell's
	bash --norc -c '. "$completions/imagetrim.bash"
		COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=($1) COMP_CWORD=0
		_imagetrim
		printf "%s\n" "${COMPREPLY[@]}"' bash "$1" | sort | tr '\n' ' '
}
same "bash verbs" "trim " "$(in_bash "imagetrim tr")"
same "bash verb of two words" "collect instrument restore " "$(in_bash "imagetrim kube ")"
same "bash options" "--packages --platform " "$(in_bash "imagetrim trim x --p")"
same "bash values" "cut drop keep " "$(in_bash "imagetrim trim x --packages ")"
same "bash values after =" "keep " "$(in_bash "imagetrim trim x --layers=k")"
same "bash files" "one.tlog two.tlog " "$(in_bash "imagetrim dump ")"
same "bash tracer" "--engine " "$(in_bash "imagetrim-tracer --eng")"
same "bash tracer values" "notify " "$(in_bash "imagetrim-tracer --engine n")"

in_fish() {
	# shellcheck disable=SC2016  # fish's own
	fish --no-config -c 'source $completions/imagetrim.fish; complete -C $argv[1]' "$1" |
		cut -f 1 | sort | tr '\n' ' '
}
same "fish verbs" "trim " "$(in_fish "imagetrim tr")"
same "fish verb of two words" "collect instrument restore " "$(in_fish "imagetrim kube ")"
same "fish options" "--packages --platform " "$(in_fish "imagetrim trim x --p")"
same "fish values" "cut drop keep " "$(in_fish "imagetrim trim x --packages ")"
same "fish files" "one.tlog two.tlog " "$(in_fish "imagetrim dump ")"
same "fish tracer" "--engine " "$(in_fish "imagetrim-tracer --eng")"

# in_zsh KEYS...: what the lines became when the keys were typed; \t is the tabulator.
in_zsh() {
	# shellcheck disable=SC2016  # zsh's own
	timeout 60 zsh -f -c '
		zmodload zsh/zpty
		zpty shell zsh -f -i
		zpty -w shell "fpath=($HOME/functions \$fpath); autoload -U compinit; compinit -u -D; setopt noautolist nobeep"
		for program in imagetrim imagetrim-tracer; do
			zpty -w shell "$program() {
				[[ \$1 == __complete ]] && command $program \"\$@\" || print -r -- \$* >>\$HOME/typed
			}"
		done
		for keys; do
			zpty -w shell "$(print "$keys")"
		done
		zpty -w shell exit
		while zpty -r shell line; do :; done
	' zsh "$@" >/dev/null
	cat "$HOME/typed"
}
same "zsh" "trim
trim x --packages keep
trim --layers=keep
dump one.tlog
--engine notify" "$(in_zsh 'imagetrim tr\t' 'imagetrim tr\tx --pac\tk\t' \
	'imagetrim trim --layers=k\t' 'imagetrim dump o\t' 'imagetrim-tracer --eng\tn\t')"
