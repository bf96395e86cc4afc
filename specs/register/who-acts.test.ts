// The register says which tests act; a spec that disagrees with it is reported.
import { expect, test } from "@playwright/test";
import { actions } from "../../fixtures/target/inventory.ts";
import { trialNeeds } from "../trials/shared.ts";
import { readSpecs, specFile } from "./coverage.ts";
import schema from "./register.schema.json" with { type: "json" };
import { type Requirement, register } from "./register.ts";
import { actionErrors, acts, comeLast, takeTurns, testsOf } from "./who-acts.ts";

const [first] = register;
if (!first) throw new Error("the register is empty");

/** The errors of a spec whose requirement test has this body, with these values in the register. */
function said(body: string, words: Partial<Requirement> = {}): string[] {
  const text = `test("STO-001 holds", requirement("STO-001"), ${body});
test("STO-001 is refuted by x", control("STO-001"), async ({ brokenWhile, phoenix }) => {});`;
  const entry = { ...first, id: "STO-001", needs: ["observe"], ...words } as Requirement;
  return actionErrors([entry], [specFile("storage/STO-001-x.spec.ts", text)], trialNeeds);
}

test("every spec takes exactly the actions that the register names", () => {
  expect(actionErrors(register, readSpecs(), trialNeeds)).toEqual([]);
});

for (const [what, body, words, error] of [
  [
    "a command on the hypervisor",
    "async ({ hypervisor }) => {}",
    {},
    "STO-001 uses hypervisor: its needs name no action",
  ],
  [
    "a command of this project",
    "async ({ phoenix }) => {}",
    { needs: ["observe", "sign-in"] },
    'STO-001 uses phoenix: its needs lack "apply"',
  ],
  ["a session", "async ({ evidence, api }) => {}", {}, 'STO-001 uses api: its needs lack "sign-in"'],
  [
    "the administrator's page",
    "async ({\n  portainer,\n}) => {}",
    {},
    'STO-001 uses portainer: its needs lack "sign-in"',
  ],
  [
    "a trial that needs more",
    'async ({ trialContext }) => { await trial(trialContext, "denial"); }',
    { needs: ["observe", "apply"] },
    'STO-001 tries "denial": its needs lack "firewall-trial"',
  ],
  [
    "a trial without a name",
    "async ({ trialContext }) => {}",
    {},
    "STO-001 uses trialContext, and names no trial",
  ],
  [
    "a read of the live target",
    "async ({ visitor }) => {}",
    {},
    'STO-001 uses visitor: add "turn": "serial" to it in the register',
  ],
  [
    "a fault in a requirement's own test",
    "async ({ broken }) => {}",
    { needs: ["observe", "apply"] },
    "STO-001 uses broken, which only controls may use",
  ],
  [
    "an unknown fixture",
    "async ({ magic }) => {}",
    {},
    "STO-001 uses magic: specs/register/who-acts.ts has no entry for it",
  ],
  ["a test that cannot be read", "body", {}, "STO-001: the fixtures of its test cannot be read"],
  [
    "an action that it never takes",
    "async ({ evidence }) => {}",
    { needs: ["observe", "reboot-vm"] },
    "STO-001 needs reboot-vm in the register, but its test uses no fixture that acts",
  ],
] as [string, string, Partial<Requirement>, string][])
  test(`red: ${what}`, () => expect(said(body, words)).toEqual([error]));

test("green: the same tests when the register agrees", () => {
  expect(said("async ({ hypervisor }) => {}", { needs: ["observe", "restart-container"] })).toEqual([]);
  expect(said("async ({ visitor }) => {}", { turn: "serial" })).toEqual([]);
  expect(
    said('async ({ trialContext }) => { await trial(trialContext, "reachability"); }', {
      needs: ["observe", "firewall-trial"],
    }),
  ).toEqual([]);
});

test("tests that act or read the live target run in order; one runs last", () => {
  expect(takeTurns.map(({ id }) => id)).toEqual([
    ...["STO-004", "STO-005", "GWY-008", "FWL-003", "FWL-004", "DEP-002", "AUT-002", "AUT-003", "AUT-004"],
    ...["ORC-002", "ACC-001", "ACC-004", "ACC-005", "DAT-001", "DAT-002", "SEC-002", "OPS-001"],
  ]);
  expect(comeLast.map(({ id }) => id)).toEqual(["OPS-002"]);
  const rest = register.filter((entry) => !takeTurns.includes(entry) && !comeLast.includes(entry));
  expect(rest.filter(acts)).toEqual([]);
});

test("a requirement's test is found by its tags, and its controls are not", () => {
  const serial = testsOf(takeTurns);
  expect(serial.test("STO-004 both sides @STO-004 @requirement")).toBe(true);
  expect(serial.test("STO-004 is refuted by x @STO-004 @control")).toBe(false);
  expect(serial.test("STO-001 a path @STO-001 @requirement")).toBe(false);
  expect(testsOf([]).test("STO-001 a path @STO-001 @requirement")).toBe(false);
});

test("the register's schema has the actions of the inventory", () => {
  expect(schema.properties.requirements.items.properties.needs.items.enum).toEqual(actions);
});
