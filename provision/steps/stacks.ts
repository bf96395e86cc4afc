// Task 2.2: makes the docker feature start the stacks on the docker host's volume.
import { anchor, linesAfter, linesBefore, matches, says } from "../edit/shell.ts";
import { literally, splice } from "../edit/text.ts";
import { files } from "../files.ts";
import type { Step, View } from "../plan.ts";

const script = files.dockerFeature;
const rootOnly = `find "$storage" -maxdepth 1 -type f -name docker-compose.yml`;
const oneLevelDown = `find "$storage" -mindepth 1 -maxdepth 2 -type f ! -path "$storage/.*" \\( -name docker-compose.yml -o -name docker-compose.yaml -o -name compose.yml -o -name compose.yaml \\)`;
const plainStart = `(cd "$(dirname "$file")" && docker-compose -f "$file" up -d < /dev/null)`;
const call = "start_compose_stacks";

const definition = [
  "",
  "# Starts every compose stack on this VM's persistent storage.",
  "start_compose_stacks() {",
  "    local storage file",
  `    storage=$(jq -r '[.volumes[]? | select(.type == "nfs") | .mount_point][0] // ""' "$CONTEXT_FILE")`,
  '    [ -n "$storage" ] || return 0',
  "    while IFS= read -r file; do",
  '        log_info "Starting the stack of $file"',
  `        ${plainStart}`,
  `    done < <(${rootOnly} | sort)`,
  "}",
];

/** After the check of the context file: its variable is set there, and the script has not exited yet. */
function afterContextCheck(view: View, text: string): number {
  const file = view.inTree(script);
  const start = anchor(file, text, /^CONTEXT_FILE=.*$/, "the assignment of CONTEXT_FILE");
  return anchor(file, text, /^fi[ \t]*$/, "the end of the check of CONTEXT_FILE", {
    start: start.end,
    end: text.length,
  }).start;
}

export const discoverStacks: Step = {
  id: "discover-stacks",
  kind: "literal",
  plan: "2.2",
  remedies: [],
  serves: ["AUT-001"],
  why: "the plan asks the docker feature to find compose files in the root of the storage and start them",
  changesFor(view) {
    const text = view.text(script);
    if (says(view.inTree(script), text, `${call}()`)) return "the script already starts stacks";
    const end = anchor(
      view.inTree(script),
      text,
      /^echo "--- Docker Installation Complete ---"/,
      "the script's last line",
    );
    const called = linesBefore(text, end.start, [call, ""]);
    return view.edit(script, linesAfter(called, afterContextCheck(view, called), definition));
  },
};

/** A step that corrects the function above; it does nothing if the script does not have it. */
function mends(
  id: string,
  remedies: string[],
  serves: string[],
  why: string,
  mend: (view: View, text: string) => string,
): Step {
  return {
    id,
    kind: "remedy",
    plan: "2.2",
    remedies,
    serves,
    why,
    changesFor(view) {
      const text = view.text(script);
      return says(view.inTree(script), text, `${call}()`)
        ? view.edit(script, mend(view, text))
        : "the script starts no stacks: needs discover-stacks";
    },
  };
}

export const stacksOneLevelDown = mends(
  "stacks-one-level-down",
  ["P13", "P15"],
  ["AUT-001", "AUT-004", "ACC-001", "DAT-001", "DAT-003"],
  "the plan copies a directory, so the compose file is one level below the root; deeper files belong to no stack",
  (view, text) => {
    const [search] = matches(view.inTree(script), text, new RegExp(literally(rootOnly)));
    return search ? splice(text, search.start, search.end, oneLevelDown) : text;
  },
);

export const stacksWhenDockerIsThere = mends(
  "stacks-when-docker-is-there",
  ["P14"],
  ["AUT-001", "AUT-002", "ACC-001", "DAT-001", "DAT-003"],
  "the script exits before it starts the stacks if Docker is already installed",
  (view, text) => {
    const file = view.inTree(script);
    const check = anchor(file, text, /^if command -v docker\b.*$/, "the check for an installed Docker");
    const block = {
      start: check.end,
      end: anchor(file, text, /^fi[ \t]*$/, "the end of that check", {
        start: check.end,
        end: text.length,
      }).start,
    };
    const exit = anchor(file, text, /^[ \t]*exit 0/, "the early exit", block);
    const before = { start: block.start, end: exit.start };
    const called = matches(file, text, new RegExp(`^[ \\t]*${call}\\b`), before);
    return called.length > 0 ? text : linesBefore(text, exit.end, [call]);
  },
);

const needsCommand = [
  "if ! command -v docker-compose > /dev/null; then",
  '    apt-get install -y docker-compose || log_fatal "docker-compose could not be installed."',
  "fi",
];

export const composeCommand = mends(
  "compose-command",
  ["P16"],
  ["AUT-001"],
  "nothing installs the docker-compose command that starts a stack",
  (view, text) => {
    if (says(view.inTree(script), text, "command -v docker-compose")) return text;
    const at = anchor(
      view.inTree(script),
      text,
      /^[ \t]*\[ -n "\$storage" \] \|\| return 0/,
      "the function's own check",
    );
    return linesAfter(text, at.start, needsCommand);
  },
);

export const stackFailureFails = mends(
  "stack-failure-fails",
  ["P17"],
  ["AUT-003"],
  "if a stack does not start, the feature must fail and name it",
  (view, text) => {
    if (says(view.inTree(script), text, "could not be started")) return text;
    const at = anchor(
      view.inTree(script),
      text,
      /^[ \t]*\(cd "\$\(dirname "\$file"\)".*$/,
      "the start of a stack",
    );
    return splice(text, at.end, at.end, ' || log_fatal "The stack of $file could not be started."');
  },
);
