// Consent: the actions in the register, compared with what the target allows and the phase withholds.
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { CannotTell, NotJudged } from "../fixtures/errors.ts";
import { actions } from "../fixtures/target/inventory.ts";
import { inlineProject, playwright } from "../reports/inline.ts";
import { guarded, refusalOf } from "./consent.ts";

const all = { target: { name: "lab", allows: actions }, withhold: [] };
const observeOnly = { ...all, target: { name: "lab", allows: ["observe"] } } as const;
const requirement = (id: string) => [`@${id}`, "@requirement"];

test("a requirement that acts is refused where the target does not allow what the register names", () => {
  const refusal = refusalOf(requirement("DAT-001"), observeOnly);
  expect(refusal).toBeInstanceOf(CannotTell);
  expect(refusal?.message).toBe(`the target does not allow sign-in, make-user, restart-container
Next:
    add "sign-in", "make-user", "restart-container" to "allows" of lab in the inventory`);
});

test("a requirement is refused an action that its phase withholds, whatever the target allows", () => {
  const before = { ...all, withhold: ["apply"] } as const;
  expect(refusalOf(requirement("STO-004"), before)?.message).toBe("needs apply");
  expect(refusalOf(requirement("STO-004"), before)).toBeInstanceOf(NotJudged);
  expect(refusalOf(requirement("FWL-003"), before)).toBeUndefined();
});

test("a test that only observes, an allowed one, a control and a test of no requirement are not refused", () => {
  expect(refusalOf(requirement("STO-003"), observeOnly)).toBeUndefined();
  expect(refusalOf(requirement("ACC-001"), observeOnly)).toBeUndefined();
  expect(refusalOf(requirement("DAT-002"), all)).toBeUndefined();
  expect(refusalOf(["@DAT-002", "@control"], observeOnly)).toBeUndefined();
  expect(refusalOf([], observeOnly)).toBeUndefined();
});

test("a guarded object cannot be used, called or read; without a refusal it is the object itself", async () => {
  const it = { run: () => "ran", factor: 1 };
  const refusal = new CannotTell("not allowed");
  expect(guarded(it, undefined)).toBe(it);
  expect(() => guarded(it, refusal).run()).toThrow(refusal);
  expect(() => guarded(it, refusal).factor).toThrow(refusal);
  expect(() => guarded(it.run, refusal)()).toThrow(refusal);
  await expect(Promise.resolve(guarded(it, refusal)), "passing it on is not using it").resolves.toBeDefined();
});

const path = (name: string) => JSON.stringify(join(import.meta.dirname, "..", name));
/** Tests under the real Playwright, on a target that does not exist and allows only `observe`. */
const observed = () =>
  inlineProject({
    "playwright.config.ts": 'export default { reporter: "line", workers: 1, use: { run: "run" } };',
    "run/inventory.json": JSON.stringify({
      targets: {
        lab: {
          ...{ kind: "ssh", tree: "/usr/local/phoenix_hypervisor", url: "https://portainer.phoenix.local" },
          ssh: {
            host: "127.0.0.1",
            port: 1,
            user: "root",
            privateKeyFile: "none",
            hostKey: "ssh-ed25519 AAAA",
          },
          ...{ resolve: {}, trust: { certificateFile: "none" }, allows: ["observe"], cannotImitate: [] },
        },
      },
    }),
    "a.spec.ts": `
      import { holds, refuted, requirement, control, test } from ${path("specs/test.ts")};
      const check = (ok) => ({ level: "behaves", ok, expected: "a", found: "b", where: "f" });
      test("acts", requirement("DEP-002"), async ({ hypervisor }) => { await hypervisor.run(["reboot"]); });
      test("commands", requirement("ORC-002"), async ({ phoenix }) => { await phoenix("converge"); });
      test("shares", requirement("DAT-001"), async ({ once }) => { await once("object", async () => 1); });
      test("evidence is red", requirement("STO-005"), async ({ hypervisor }) => {
        await holds([check(false)]);
        await hypervisor.run(["reboot"]);
      });
      test("never acts", requirement("AUT-004"), async () => { await holds([check(true)]); });
      test("only observes", requirement("STO-003"), async ({ once }) => {
        await once("object", async () => 1);
        await holds([check(true)]);
      });`,
  });

test("under Playwright a test without consent stops at its first action, and cannot pass without acting", async () => {
  using project = observed();
  const { output } = await project.run([...playwright]);
  const errors = output.split("\n").filter((line) => /^\s+(NotMet|CannotTell|\w*Error): /.test(line));
  expect(errors.map((line) => line.trim())).toEqual([
    "CannotTell: the target does not allow apply",
    "CannotTell: the target does not allow sign-in, make-user, apply",
    "CannotTell: the target does not allow sign-in, make-user, restart-container",
    "NotMet: 1 of 1 check does not hold",
    "CannotTell: the target does not allow apply",
  ]);
  expect(output).toContain("1 passed");
});
