// The reachability trial: how its output is read, and what refutes it.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../../fixtures/deployment/read.ts";
import { reachableFrom, readTries, triesOf } from "./reachability.ts";

test("the output of tries: connects, no answer, refused; a try that could not be made is unknown", () => {
  const line = (code: number, said: string) => `a guest without a rule\t10.0.0.101:9443\t${code}\t${said}\n`;
  const only = (code: number, said: string) => [...readTries(line(code, said)).values()][0];
  expect(only(0, "")).toBe("connects");
  expect(only(124, "")).toBe("gets no answer");
  expect(only(1, "bash: connect: Connection refused")).toBe("is refused");
  expect(() => only(127, "bash: not found")).toThrow("could not be tried");
});

test("reachability: refuted by a guest without a rule that connects or a gateway that does not; unknown when a try is missing", async () => {
  const target = { deployment: defaultDeployment, spareAddress: "10.0.0.250", name: "t" } as never;
  const tries = triesOf(defaultDeployment, [9443]);
  const answers = (change: (line: string) => string) => ({
    script: async () => ({
      code: 0,
      err: "",
      out: tries.map(({ who, to, gets }) => change(`${who}\t${to}\t${gets === "in" ? 0 : 124}\t\n`)).join(""),
    }),
  });
  const failing = async (change: (line: string) => string) =>
    (await reachableFrom(target, answers(change) as never, tries))
      .filter(({ ok }) => !ok)
      .map(({ where }) => where);
  expect(await failing((line) => line)).toEqual([]);
  expect(await failing((line) => line.replace(/^(a guest without a rule\t.*9443)\t124/, "$1\t0"))).toEqual([
    "a guest without a rule to 10.0.0.101:9443",
  ]);
  expect(await failing((line) => line.replace(/^(the gateway\t.*)\t0/, "$1\t124"))).toEqual([
    "the gateway to 10.0.0.101:9443",
  ]);
  await expect(failing((line) => line.replace(/^the hypervisor.*9443.*\n/, ""))).rejects.toThrow(
    "no result for",
  );
  const poor = { deployment: defaultDeployment, name: "t" } as never;
  await expect(reachableFrom(poor, answers((line) => line) as never, tries)).rejects.toThrow("spareAddress");
});
