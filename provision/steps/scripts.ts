// Two defects that hide each other: a feature script that always fails, and a manager that ignores failures in guests.
import { anchor, functionBody, linesAfter, linesBefore, matches, says } from "../edit/shell.ts";
import { splice } from "../edit/text.ts";
import { files } from "../files.ts";
import type { Step } from "../plan.ts";

export const baseSetupScript: Step = {
  id: "base-setup-script",
  kind: "remedy",
  plan: "3.1",
  remedies: ["P29"],
  serves: ["ORC-001"],
  why: "the base_setup feature uses `local` outside a function, so it always exits with code 1",
  changesFor(view) {
    const text = view.text(files.baseFeature);
    const local = /(?<=^[ \t]*)local[ \t]+(?=fstab_entry=)/;
    const strays = matches(view.inTree(files.baseFeature), text, local).filter(({ depth }) => depth === 0);
    if (strays.length === 0) return "it uses no `local` outside a function";
    // From the end, so that earlier offsets stay valid.
    const without = strays.reduceRight((rest, { start, end }) => splice(rest, start, end, ""), text);
    return view.edit(files.baseFeature, without);
  },
};

const timeoutFactor = [
  "# Installing takes longer than qm's default timeout of 30 s.",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
  'if [ "$1 $2" == "guest exec" ]; then set -- "$1" "$2" "$3" --timeout 600 "${@:4}"; fi',
];

const reading = [
  "# qm always exits with 0: the exit code of the guest's command is in its JSON answer, after any warnings.",
  'if [ $exit_code -eq 0 ] && [ "$1 $2" == "guest exec" ]; then',
  "    local answered",
  `    answered=$(sed -n '/^{/,$p' <<< "$output" | jq -r '.exitcode // 124' 2> /dev/null) || answered=125`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
  "    exit_code=$((${answered:-125}))",
  "fi",
];

export const guestExitCodes: Step = {
  id: "guest-exit-codes",
  kind: "remedy",
  plan: "3.1",
  remedies: ["P17"],
  serves: ["ORC-001", "AUT-003"],
  why: "a command that fails in a guest, or takes longer than 30 s, counts as a success",
  changesFor(view) {
    const file = view.inTree(files.vmManager);
    const text = view.text(files.vmManager);
    if (says(file, text, ".exitcode")) return "the manager already reads the guests' exit codes";
    const body = functionBody(file, text, "run_qm_command");
    const asked = anchor(
      file,
      text,
      /^[ \t]*output=\$\(qm "\$@" 2>&1\).*$/,
      "the call of qm in run_qm_command",
      body,
    );
    const read = linesAfter(text, asked.start, reading);
    return view.edit(files.vmManager, linesBefore(read, asked.end, timeoutFactor));
  },
};
