// `targets sudo-rules`: a script for root that lets a user look and do nothing else.
import { lookOf } from "../../fixtures/evidence/collect.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { readTarget } from "../../fixtures/target/inventory.ts";

export interface SudoRulesOptions {
  readonly inventory: string;
  readonly target?: string;
  readonly print: (text: string) => void;
}

/** Prints the script. The same target and version of the suite give the same bytes. */
export function sudoRules(options: SudoRulesOptions): number {
  const target = readTarget(options.inventory, options.target);
  const { user } = target.ssh;
  const { path, text, sudoers } = lookOf(target);
  const folder = path.slice(0, path.lastIndexOf("/"));
  options.print(`# For root on ${target.ssh.host}: lets ${user} look as "${target.name}" says, and do nothing else. To undo it:
#   rm -r ${folder} /etc/sudoers.d/phoenix-acceptance
set -eu
install -d -o root -g root -m 755 ${folder}
cat >${path}.part <<'END-OF-THE-PROGRAM'
${text}END-OF-THE-PROGRAM
chown root:root ${path}.part
chmod 755 ${path}.part
mv ${path}.part ${path}
umask 077
cat >/etc/sudoers.d/.phoenix-acceptance.part <<'END-OF-THE-RULE'
${sudoers(user)}END-OF-THE-RULE
chmod 440 /etc/sudoers.d/.phoenix-acceptance.part
visudo -cqf /etc/sudoers.d/.phoenix-acceptance.part
mv /etc/sudoers.d/.phoenix-acceptance.part /etc/sudoers.d/phoenix-acceptance
echo "${user} may run ${path} as root"
`);
  return Exit.pass;
}
