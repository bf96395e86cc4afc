// The trial of who gets in: its answers as they are read, and what refutes it.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../../fixtures/deployment/deployment.ts";
import { reachableFrom, readTries, triesOf } from "./reachability.ts";

test("tries as they are read: in, no answer, refused; what could not be tried is unknown", () => {
  const line = (code: number, said: string) => `a stranger\t10.0.0.101:9443\t${code}\t${said}\n`;
  const only = (code: number, said: string) => [...readTries(line(code, said)).values()][0];
  expect(only(0, "")).toBe("gets in");
  expect(only(124, "")).toBe("gets no answer");
  expect(only(1, "bash: connect: Connection refused")).toBe("is refused");
  expect(() => only(127, "bash: not found")).toThrow("could not be tried");
});

test("a stranger who is answered refutes, a gateway that is not does too, and silence about one is unknown", async () => {
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
  expect(await failing((line) => line.replace(/^(a stranger\t.*9443)\t124/, "$1\t0"))).toEqual([
    "a stranger to 10.0.0.101:9443",
  ]);
  expect(await failing((line) => line.replace(/^(the gateway\t.*)\t0/, "$1\t124"))).toEqual([
    "the gateway to 10.0.0.101:9443",
  ]);
  await expect(failing((line) => line.replace(/^the hypervisor.*9443.*\n/, ""))).rejects.toThrow(
    "nobody can tell",
  );
  const poor = { deployment: defaultDeployment, name: "t" } as never;
  await expect(reachableFrom(poor, answers((line) => line) as never, tries)).rejects.toThrow("spareAddress");
});
