# SPDX-License-Identifier: Apache-2.0
# fish completion for imagetrim and imagetrim-tracer: the programs themselves say what fits.

function __imagetrim_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] "$word" 2>/dev/null)
        switch $line
            case :0
                __fish_complete_path "$word"
            case ':*'
            case '*'
                echo $line
        end
    end
end

complete -c imagetrim -f -a '(__imagetrim_complete)'
complete -c imagetrim-tracer -f -a '(__imagetrim_complete)'
