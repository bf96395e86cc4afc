// What a record keeps of what commands printed has no secret in it, whichever command writes the record: apply, converge, resume.
import { expect, test } from "@playwright/test";
import type { Meta } from "../journal/meta.ts";
import { numberOf } from "../journal/pack.ts";
import { recordOf } from "./phoenix-record.ts";

test("passwords that phoenix-cli and a guest's command printed are masked", () => {
  const number = numberOf(0);
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const answer = JSON.stringify({ exitcode: 0, "out-data": "DB_PASSWORD=7c1e9b2a4d6f8053\n" });
  const meta = {
    ...{ at: "2026-01-01T00:00:00Z", digest: "sha256:0", literal: false, choice: [], steps: [] },
    changes: [{ argv: ["phoenix-cli", "create", "1"] }],
  } as unknown as Meta;
  const record = recordOf(meta, [{ event: "made", number, ms: 1 } as never], {
    out: new Map([[number, "made it\nsmtp://mail:9d3f7a1c5e2b8046@mail.example\n"]]),
    execs: new Map([[number, `0 ${base64("qm\0guest\0exec\0")} ${base64(answer)}\n`]]),
  } as never);
  const text = JSON.stringify(record);
  expect(text).not.toMatch(/7c1e9b2a4d6f8053|9d3f7a1c5e2b8046/);
  expect(record.commands[0]?.output).toBe("made it\nsmtp://mail:[redacted]@mail.example");
  expect(record.commands[0]?.guestExecs[0]?.answer).toContain("DB_PASSWORD=[redacted]");
});
