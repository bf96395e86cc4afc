// The forms of a run, by name. Each is a pure function of the document: rendering it again gives the same bytes.
import { runText } from "../run/file.ts";
import { reportOfTarget, troubleReport } from "../run/report.ts";
import { isJudged, type Run } from "../run/run.ts";
import { csv } from "./csv.ts";
import { hdf } from "./hdf.ts";
import { inToto } from "./in-toto.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { oscal } from "./oscal.ts";
import { prometheus } from "./prometheus.ts";
import { sarif } from "./sarif.ts";

const reportsOf = ({ targets }: Run) =>
  targets.map((one) => (isJudged(one) ? reportOfTarget(one) : troubleReport(one)));
const pretty = (value: object) => `${JSON.stringify(value, null, 2)}\n`;

/** Every form that a run can be written in: `accept`, `verify`, `gate` and `report` write the same ones. */
export const formats = {
  json: runText,
  junit: (run: Run) => junit(...reportsOf(run)),
  sarif: (run: Run) => pretty(sarif(...reportsOf(run))),
  markdown: (run: Run) => markdown(...reportsOf(run)),
  csv,
  hdf: (run: Run) => pretty(hdf(run)),
  oscal: (run: Run) => pretty(oscal(run)),
  prometheus,
  "in-toto": (run: Run) => pretty(inToto(run)),
} as const satisfies Record<string, (run: Run) => string>;

export type FormatName = keyof typeof formats;

export const formatNames = Object.keys(formats) as readonly FormatName[];
