// Consent: both sides have to name an action, and the operator reads what it does before it happens.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { actions } from "../../fixtures/target/inventory.ts";
import { allowedOn, announcement, namedActions } from "./actions.ts";

test("the command line names actions; observe is always among them; an unknown one is bad input", () => {
  expect(namedActions([])).toEqual(["observe"]);
  expect(namedActions(["reboot-vm"])).toEqual(["observe", "reboot-vm"]);
  expect(namedActions(["all"])).toEqual(actions);
  expect(() => namedActions(["reboot"])).toThrow("There is no action reboot; there are observe, sign-in,");
});

test("an action that the inventory does not allow is refused, with what to add", () => {
  const lab = { name: "lab", allows: ["observe", "sign-in"] } as const;
  const now = new Date("2026-11-28T04:00:00Z");
  expect(allowedOn(lab, ["observe", "sign-in"], now)).toEqual(["observe", "sign-in"]);
  expect(() => allowedOn(lab, ["observe", "reboot-vm", "apply"], now)).toThrow(
    'The inventory does not allow reboot-vm, apply on lab\nNext:\n    add "reboot-vm", "apply" to "allows" of lab in the inventory',
  );
});

test("before the first action: what happens, to what, what is gone meanwhile, and for which requirements", () => {
  const target = { name: "lab", deployment: defaultDeployment };
  const said = announcement(target, ["observe", "reboot-vm"], ["DAT-002"]);
  expect(said).toBe(
    "On lab, for DAT-002:\n  reboot-vm  reboots VM 1001; gone meanwhile: everything on VM 1001, 2 minutes",
  );
  expect(announcement(target, ["observe", "apply"], ["OPS-002"])).toContain(
    "the plan is rolled back, for OPS-002",
  );
});

test("outside of the target's windows an action is refused, with when they are open; looking is not", () => {
  const lab = { name: "lab", allows: actions, windows: [{ from: "22:00", to: "02:00" }] };
  const noon = new Date("2026-11-28T12:00:00Z");
  expect(() => allowedOn(lab, ["observe", "apply"], noon)).toThrow(
    "lab may be acted on every day 22:00 to 02:00 UTC, and now it is 2026-11-28T12:00:00.000Z",
  );
  expect(allowedOn(lab, ["observe"], noon)).toEqual(["observe"]);
  expect(allowedOn(lab, ["observe", "apply"], new Date("2026-11-28T23:00:00Z"))).toContain("apply");
});
