// Selecting a test by id and words of a title, and the errors for no match or several.
import { expect, test } from "@playwright/test";
import { BadInput } from "../../fixtures/errors.ts";
import { nearest, select } from "./select.ts";

test("a requirement by its id, a control by words of its title in any order", () => {
  expect(select("STO-003")).toMatchObject({
    role: "requirement",
    file: "specs/storage/STO-003-one-mount-entry.spec.ts",
  });
  expect(select("STO-003", "FSTAB older")).toMatchObject({
    role: "control",
    title: "STO-003 is refuted by an older entry that still stands in fstab",
  });
});

test("an unknown id is refused with the nearest ones", () => {
  expect(() => select("STO-030")).toThrow(BadInput);
  expect(() => select("sto-003")).toThrow(/nearest: STO-003/);
  expect(nearest("GWY-20", ["STO-001", "GWY-002", "GWY-008"], 1)).toEqual(["GWY-002"]);
});

test("an unknown control is refused with a list of all, the nearest first; several matches are refused too", () => {
  expect(() => select("STO-003", "no such")).toThrow(
    /No control of STO-003 has the words "no such":\n(?: {2}STO-003 is refuted by an.*\n){2}Next/,
  );
  expect(() => select("GWY-002", "an old address runs")).toThrow(
    /words.*:\n {2}GWY-002 is refuted by an old address/,
  );
  expect(() => select("GWY-002", "refuted")).toThrow(/More than one control of GWY-002/);
});
