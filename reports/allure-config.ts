// Settings of the HTML report: one file, the phases of a run as environments, and categories that say what is at fault.
import { type AllureConfig, defineConfig } from "allure";

const phase = (wanted: string) => ({
  name: wanted,
  matcher: ({ labels }: { labels: readonly { name: string; value?: string | undefined }[] }) =>
    labels.some(({ name, value }) => name === "phase" && value === wanted),
});

const config: AllureConfig = defineConfig({
  plugins: { awesome: { options: { singleFile: true, reportLanguage: "en", groupBy: ["epic", "story"] } } },
  environments: { before: phase("before"), after: phase("after") },
  appendHistory: false,
  categories: {
    rules: [
      {
        name: "Unknown",
        matchers: { statuses: ["broken"], message: /^(?:\w*Error: )?CannotTell/ },
        groupByMessage: true,
      },
      {
        name: "A bug in the suite",
        matchers: [{ statuses: ["broken"] }, { statuses: ["failed"], labels: { layer: "control" } }],
        groupByMessage: true,
      },
      { name: "Not built yet", matchers: { statuses: ["skipped"], message: /^not built yet/ } },
      {
        name: "A requirement is broken",
        matchers: { statuses: ["failed"] },
        groupByMessage: true,
        expand: true,
      },
    ],
  },
});

export default config;
