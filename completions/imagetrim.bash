# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# bash completion for imagetrim and imagetrim-tracer: the programs themselves say what fits.

_imagetrim() {
	local words line word shown found=() directive=4
	# COMP_WORDS is split at "=" and ":", the programs' words are not.
	read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
	[[ ${COMP_LINE:0:COMP_POINT} != *[[:space:]] ]] || words+=("")
	word=${words[-1]}
	while IFS= read -r line; do
		case $line in
		:*) directive=${line#:} ;;
		*) found+=("${line%%$'\t'*}") ;;
		esac
	done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
	# What bash replaces is only what stands behind the last "=" or ":".
	shown=${word##*[=:]}
	if [ "$directive" = 0 ] && [ ${#found[@]} = 0 ]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$shown")
		return
	fi
	COMPREPLY=("${found[@]#"${word%"$shown"}"}")
}
complete -F _imagetrim imagetrim imagetrim-tracer
