// The forms of a report, by name. Each is a pure function of the report: rendering it again gives the same bytes.
import type { Report } from "../report/report.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { sarif } from "./sarif.ts";

/** Every form that a report can be written in. `accept` and `gate` write the same ones. */
export const formats = {
  json: (report: Report) => `${JSON.stringify(report, null, 2)}\n`,
  junit,
  sarif: (report: Report) => `${JSON.stringify(sarif(report), null, 2)}\n`,
  markdown,
} as const satisfies Record<string, (report: Report) => string>;

export type FormatName = keyof typeof formats;

export const formatNames = Object.keys(formats) as readonly FormatName[];
