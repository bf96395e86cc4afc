// The claim about http on a sample: it redirects to https, with path and query kept.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { type Changes, dump, sample, site } from "../../testing/evidence-builder.ts";
import { leadsToHttps } from "./redirect.ts";

const live = (text: string): Changes => ({ gateway: { "nginx -T": dump(text) } });
const answered = (status: number, location: string): Changes => ({
  client: { redirect: JSON.stringify({ status, location, body: "" }) },
});
const to = "https://portainer.phoenix.local/accept/a%20path?query=1&more=%26";
const turn = "return 301 https://$host$request_uri;";

test("http to https: healthy, with a check for each level", () => {
  const { verdict, checks } = judge(leadsToHttps, sample());
  expect(verdict).toBe("pass");
  expect([...new Set(checks.map(({ level }) => level))]).toEqual(["live", "behaves"]);
});

for (const [what, changes, words] of [
  [
    "no server on 80",
    live(site.replace("listen 80;\n    server_name portainer", "listen 81;\n    server_name portainer")),
    "no server portainer.phoenix.local on 80",
  ],
  ["two servers on 80", live(`${site}server { server_name portainer.phoenix.local; ${turn} }`), "2 servers"],
  ["no return", live(site.replace(turn, "")), "no return"],
  ["a path that is lost", live(site.replace(turn, "return 301 https://$host/;")), "301 https://$host/"],
  ["a temporary redirect", live(site.replace("return 301", "return 302")), "302 https://$host$request_uri"],
  [
    "another name",
    live(site.replace(turn, "return 301 https://elsewhere$request_uri;")),
    "https://elsewhere",
  ],
  ["a client that gets a temporary redirect", answered(302, to), `302 to ${to}`],
  ["a client whose query is lost", answered(301, to.replace(/\?.*/, "")), 'a%20path"'],
  ["a client that gets a page", answered(200, ""), '"found":"200"'],
  [
    "a client that gets nothing",
    { client: { redirect: { code: 1, err: "connect ECONNREFUSED" } } },
    "ECONNREFUSED",
  ],
] as const)
  test(`http to https: refuted by ${what}`, () => {
    const said = resultOf(leadsToHttps, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("http to https: a permanent redirect in location / passes, and so does 308", () => {
  expect(
    resultOf(leadsToHttps, live(site.replace(turn, `location / { ${turn.replace("301", "308")} }`))),
  ).toMatch(/^pass/);
  expect(resultOf(leadsToHttps, answered(308, to))).toMatch(/^pass/);
});

test("http to https: unknown without a client's request", () => {
  expect(resultOf(leadsToHttps, { client: { redirect: undefined } })).toMatch(/^unknown/);
});
