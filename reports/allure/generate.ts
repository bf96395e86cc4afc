// A program of its own: reads settings from standard input, and builds the report of a folder of results with Allure.
// It is apart because Allure changes the process that it runs in, and because it has to run with an empty environment.

import { text } from "node:stream/consumers";
import { AllureReport, resolveConfig } from "@allurereport/core";
import { allureConfig, type ReportSettings } from "./config.ts";

const { results, ...settings } = JSON.parse(await text(process.stdin)) as ReportSettings & {
  readonly results: string;
};
const report = new AllureReport(await resolveConfig(allureConfig(settings)));
await report.start();
await report.readDirectory(results);
const trs = await report.store.allTestResults({ includeRetries: false });
if (trs.length === 0) throw new Error(`There is no result in ${results}`);
const gate = await report.validate({ trs });
report.realtimeDispatcher.sendQualityGateResults(gate.results);
await report.done();
