// What an operator sees of a plan: no character of a target's file is invisible there, and none acts on the terminal.
import { expect, test } from "@playwright/test";
import { render } from "./diff.ts";
import type { Plan } from "./plan.ts";

for (const [what, before, shown] of [
  ["a no-break space", "server\u00a010.0.0.101:9443;\n", "-server<U+00A0>10.0.0.101:9443;"],
  ["a byte order mark", "\ufeffserver x;\n", "-<U+FEFF>server x;"],
  ["a Windows line end", "server x;\r\n", "-server x;<U+000D>"],
  ["an escape sequence", "server \u001b[2Jx;\n", "-server <U+001B>[2Jx;"],
] as const)
  test(`the diff of a plan shows ${what} by its code`, () => {
    const change = { does: "write-file", path: "/etc/x", before, after: "server 10.0.0.101:9443;\n" };
    const step = { id: "s", kind: "literal", plan: "1.2", remedies: [], serves: ["GWY-001"], why: "a test" };
    const plan = { digest: "sha256:0", steps: [{ ...step, changes: [change] }] } as unknown as Plan;
    expect(render(plan, false)).toContain(`    ${shown}\n`);
  });
