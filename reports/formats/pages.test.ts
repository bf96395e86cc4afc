// The pages that people read agree with the document, requirement by requirement, whatever the verdicts are; and the form `json` is
// the document.
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { type Verdict, verdicts } from "../../fixtures/judgement.ts";
import { asRun } from "../run/file.ts";
import { isJudged, type Run, type RunTarget } from "../run/run.ts";
import { sampleRun, sampleTarget } from "../run/sample-accept.ts";
import { formats } from "./index.ts";
import { terminal } from "./terminal.ts";

const anyVerdicts = fc.array(fc.constantFrom(...verdicts), { minLength: 1, maxLength: 12 });
const style = { width: 120, colour: false };

/** `ID verdict` of the target, as the document has it. */
const truth = ({ requirements }: RunTarget) => requirements.map(({ id, verdict }) => `${id} ${verdict}`);
const onlyOf = ({ targets: [one] }: Run): RunTarget => {
  if (!one || !isJudged(one)) throw new Error("no result");
  return one;
};

test("the terminal's page has a row for each requirement, with its verdict", () => {
  fc.assert(
    fc.property(anyVerdicts, fc.constantFrom("accept" as const, "verify" as const), (all, command) => {
      const run = { ...sampleRun(all), command };
      const rows = [
        ...terminal(run, style).matchAll(
          /^(STO-\d{3}) +[LR] +\S+ +✗ fail +\S (pass|fail|unknown|waived|not judged|pending)(?: |$)/gm,
        ),
      ];
      expect(rows.map(([, id, verdict]) => `${id} ${verdict}`)).toEqual(truth(onlyOf(run)));
    }),
  );
});

test("the terminal's table of several targets counts what the document has", () => {
  fc.assert(
    fc.property(fc.array(anyVerdicts, { minLength: 2, maxLength: 4 }), (all) => {
      const targets = all.map((one, at) => sampleTarget(one, `host-${at}`));
      const lines = terminal({ ...sampleRun(["pass"]), targets }, style).split("\n");
      for (const one of targets) {
        const line = lines.find((text) => text.startsWith(`${one.target} `)) ?? "";
        for (const verdict of ["pass", "fail", "unknown", "not judged"] as const) {
          const of = one.requirements.filter((row) => row.verdict === verdict).map(({ id }) => id);
          const [, count = "0", ids] =
            new RegExp(`(?:  |, )(\\d+) ${verdict}(?:: ([A-Z0-9, -]+))?`).exec(line) ?? [];
          expect(Number(count), `${verdict}: ${line}`).toBe(of.length);
          if (ids !== undefined)
            expect(
              ids.match(/STO-\d{3}/g)?.every((id) => of.includes(id)),
              line,
            ).toBe(true);
        }
      }
    }),
  );
});

test("Markdown names each requirement that fails, is waived or could not be told in its own section, and no other", () => {
  fc.assert(
    fc.property(anyVerdicts, (all) => {
      const run = sampleRun(all);
      const [head = "", ...sections] = formats.markdown(run).split("\n### ");
      const idsIn = (title: string) => {
        const section = sections.find((text) => text.startsWith(`${title}: `)) ?? `${title}: 0`;
        const ids = [...section.matchAll(/^(?:\| |- )<code>(STO-\d{3})<\/code>/gm)].map(([, id]) => id);
        expect(ids, title).toHaveLength(Number(/: (\d+)/.exec(section)?.[1]));
        return ids;
      };
      const of = (...some: readonly Verdict[]) =>
        onlyOf(run)
          .requirements.filter(({ verdict }) => some.includes(verdict))
          .map(({ id }) => id);
      expect(idsIn("Found")).toEqual(of("fail"));
      expect(idsIn("Waived")).toEqual(of("waived"));
      expect(idsIn("Could not be told")).toEqual(of("unknown"));
      const judged = all.length - of("not judged", "pending").length;
      expect(head).toContain(`${judged} of ${all.length} requirement${all.length === 1 ? "" : "s"} judged`);
    }),
  );
});

test("the form `json` is the document, and fits its schema", () => {
  fc.assert(
    fc.property(anyVerdicts, (all) => {
      const run = sampleRun(all);
      const text = formats.json(run);
      expect(asRun(JSON.parse(text), { file: "run.json", text })).toEqual(run);
    }),
    { numRuns: 20 },
  );
});
