#compdef imagetrim imagetrim-tracer
# SPDX-License-Identifier: Apache-2.0
# zsh completion for imagetrim and imagetrim-tracer: the programs themselves say what fits.

_imagetrim() {
	local -a found
	local line directive=4
	for line in "${(@f)$(${words[1]} __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
		case $line in
		:*) directive=${line#:} ;;
		*$'\t'*) found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
		?*) found+=("${line//:/\\:}") ;;
		esac
	done
	(( $#found )) && _describe 'imagetrim' found
	[[ $directive != 0 ]] || _files
}

_imagetrim "$@"
