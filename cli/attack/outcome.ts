// What an attack counts, and its table.

/** The ways in which a trial of an attack goes wrong. */
export const wrongs = ["false green", "hang", "crash", "leak", "leftover"] as const;
export type Wrong = (typeof wrongs)[number];

/** One trial that went wrong: what was tried, and what happened. */
export interface Find {
  readonly wrong: Wrong;
  readonly tried: string;
  readonly found: string;
}

/** The result of one attack. */
export interface Outcome {
  readonly attack: string;
  readonly tried: number;
  readonly finds: readonly Find[];
  readonly ms: number;
  /** Why it could not be done, or not wholly. */
  readonly unable?: string;
}

/** A Markdown table with a row for each attack, and under it each find. */
export function table(outcomes: readonly Outcome[]): string {
  const header = ["Attack", "Tried", "False greens", "Hangs", "Crashes", "Leaks", "Left over", "Time"];
  const rows = outcomes.map(({ attack, tried, finds, ms, unable }) => [
    unable === undefined ? attack : `${attack} (${unable})`,
    String(tried),
    ...wrongs.map((wrong) => String(finds.filter((find) => find.wrong === wrong).length)),
    `${(ms / 1000).toFixed(1)} s`,
  ]);
  const lines = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`);
  const finds = outcomes.flatMap((one) => one.finds.map((find) => ({ ...find, attack: one.attack })));
  const shown = finds
    .slice(0, 50)
    .map(({ attack, wrong, tried, found }) => `- ${wrong}: ${attack}: ${tried}\n  ${found}\n`);
  const more = finds.length > shown.length ? `- and ${finds.length - shown.length} more\n` : "";
  return `${lines.join("")}${finds.length > 0 ? `\n${shown.join("")}${more}` : ""}`;
}
