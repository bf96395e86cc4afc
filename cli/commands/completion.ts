// `completion`: prints the script that completes this program's command line in a shell. The script asks the program itself.
import { join } from "node:path";
import { quoteWords } from "../../fixtures/quote.ts";
import { project } from "../run/child.ts";

export const shells = ["bash", "fish", "zsh"] as const;
export type Shell = (typeof shells)[number];

const program = "phoenix-acceptance";
/** Not by the program's name: that would install what is missing while somebody types. */
const ask = () => quoteWords([process.execPath, join(project, "cli", "main.ts"), "complete", "--"]);

/** The script, to be evaluated by the shell. */
export const completionScript = (shell: Shell): string => scripts[shell]();

const scripts: Readonly<Record<Shell, () => string>> = {
  bash: () => `# Completion of ${program} for bash: eval "$(${program} completion bash)"
_phoenix_acceptance() {
  local line kind=
  # Bash passes on what was typed with its backslashes.
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  words=("\${words[@]//\\\\/}")
  COMPREPLY=()
  while IFS= read -r line; do
    if [ -z "$kind" ]; then
      kind=$line
    else
      line=\${line%%$'\\t'*}
      # What is typed at once, such as a title with spaces, is one word.
      printf -v line %q "$line"
      COMPREPLY+=("$line")
    fi
  done < <(${ask()} "\${words[@]}" 2>/dev/null)
  if [ "$kind" != words ]; then compopt -o default; else compopt +o default; fi
}
complete -F _phoenix_acceptance ${program}
`,
  fish: () => `# Completion of ${program} for fish: ${program} completion fish | source
function __phoenix_acceptance
    set -l words (commandline -opc) (commandline -ct)
    set -l lines (${ask()} $words[2..] 2>/dev/null)
    if test "$lines[1]" = files
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $lines[2..]
    end
end
complete -c ${program} -f -a '(__phoenix_acceptance)'
`,
  zsh: () => `#compdef ${program}
# Completion of ${program} for zsh, after compinit: source <(${program} completion zsh). Or write it to _${program} in a folder of fpath.
_phoenix_acceptance() {
  local line
  local -a lines candidates
  # Zsh passes on what was typed with its quotes, and the word at the cursor up to the cursor.
  lines=("\${(@f)$(${ask()} "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  compset -P '--*='
  if [[ $lines[1] != words ]]; then
    _files
    return
  fi
  for line in "\${(@)lines[2,-1]}"; do
    candidates+=("\${\${line%%$'\t'*}//:/\\:}:\${line#*$'\t'}")
  done
  (( $#candidates )) && _describe -t values value candidates
}
if [[ $funcstack[1] == _${program} ]]; then
  _phoenix_acceptance "$@"
else
  compdef _phoenix_acceptance ${program}
fi
`,
};
