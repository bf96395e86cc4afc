// `report` renders a run again: the same bytes as the run itself printed and wrote, in every form.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { formatNames, formats } from "../../reports/formats/index.ts";
import { terminal } from "../../reports/formats/terminal.ts";
import { cleanRun, writeRun } from "../../reports/run/file.ts";
import { sampleRun } from "../../reports/run/sample-run.ts";
import type { WantedFormat } from "../run/write-formats.ts";
import { report } from "./report.ts";

const style = { colour: false, width: 120 };

function place() {
  const dir = mkdtempSync(join(tmpdir(), "phoenix-report-"));
  const render = (format: readonly WantedFormat[], run?: string, json = false) => {
    let printed = "";
    const hostEnvironment = { output: dir } as never;
    const print = (text: string) => {
      printed += text;
    };
    report({ ...style, json, format, hostEnvironment, print, ...(run !== undefined && { run }) });
    return printed;
  };
  return { dir, render, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

test("every form again, byte by byte: printed, written, and one file for each target", () => {
  using at = place();
  const run = cleanRun(sampleRun());
  const document = writeRun(join(at.dir, "latest"), run);
  expect(at.render([])).toBe(terminal(run, style));
  expect(at.render([], document, true)).toBe(readFileSync(document, "utf8"));
  for (const name of formatNames) {
    const file = join(at.dir, `all-${name}`);
    expect(at.render([{ name }], document), name).toBe(formats[name](run));
    at.render(
      [
        { name, file },
        { name, file: join(at.dir, `{target}-${name}`) },
      ],
      join(at.dir, "latest"),
    );
    expect(readFileSync(file, "utf8"), name).toBe(formats[name](run));
    for (const target of run.targets)
      expect(readFileSync(join(at.dir, `${target.target}-${name}`), "utf8"), name).toBe(
        formats[name]({ ...run, targets: [target] }),
      );
  }
});

test("a folder without a run, and a file that can't be written, are one clear error", () => {
  using at = place();
  expect(() => at.render([])).toThrow(/No run can be read from .*latest.*\nNext:/);
  writeRun(join(at.dir, "latest"), sampleRun());
  expect(() => at.render([{ name: "junit", file: join(at.dir, "no/such/folder.xml") }])).toThrow(
    /Not written: .*\nNext:/,
  );
});
