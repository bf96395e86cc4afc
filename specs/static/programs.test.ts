// What shellcheck, nginx and the secret search report on a tree's files: each error at its line; a check that can't run is unknown.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { declaredSiteOf } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { CannotTell } from "../../fixtures/errors.ts";
import { TreeEvidence, treeRoot } from "../../fixtures/evidence/from-tree.ts";
import { heredocs } from "../../fixtures/evidence/parse/heredocs.ts";
import { remarks } from "../../fixtures/evidence/shell-check.ts";
import { nothingLiesAbout } from "../security/claims/secrets.ts";
import { compose } from "./compose.ts";
import { nginxAccepts } from "./nginx.ts";
import { lookForSecrets } from "./secrets.ts";
import { shellcheck, togetherOrAlone } from "./shellcheck.ts";
import { judgeLevels, type Wrong } from "./static-results.ts";

const tree = (texts: Record<string, string>) =>
  new Map(Object.entries(texts).map(([path, text]) => [`${treeRoot}/${path}`, text]));
const places = (found: readonly Wrong[]) =>
  found.map(
    ({ rule, file, line, column, found: said }) =>
      `${rule} ${file?.slice(treeRoot.length + 1)}:${line}${column ? `:${column}` : ""} ${said}`,
  );
function scratch(name = "scratch"): string {
  const dir = test.info().outputPath(name);
  mkdirSync(dir, { recursive: true });
  return dir;
}

test("a long script that can't be checked in time is unknown by its name, and is not tried again", async () => {
  const tangled = `#!/bin/bash\n${"((".repeat(60_000)}\n`;
  const files = tree({ "bin/long.sh": tangled, "bin/short.sh": '#!/bin/bash\n[ "$1" > 2 ]\n' });
  const { wrong, unknown } = await shellcheck(files, new Map(), scratch(), undefined, 1_000);
  expect(unknown).toEqual([
    {
      rule: "shellcheck",
      reason: `${treeRoot}/bin/long.sh: shellcheck did not end within 1 s`,
      next: `shellcheck ${treeRoot}/bin/long.sh`,
    },
  ]);
  expect(places(wrong).join()).toContain("bin/short.sh:2");
  const began = performance.now();
  expect(() => remarks(tangled)).toThrow(/shellcheck was asked before: .*within 1 s/);
  expect(performance.now() - began).toBeLessThan(1_000);
});

test("shellcheck: only what changes what a script does counts, the rest is a remark, however many there are", async () => {
  const text = [
    "#!/bin/bash",
    "unused=1",
    'cd "$1"',
    "echo $2",
    "seq 3 | while read -r n; do m=$n; done",
    'echo "$m"',
    '[ "$1" > 2 ]',
    "",
  ];
  const { wrong } = await shellcheck(
    tree({ "bin/a.sh": text.join("\n") }),
    tree({ "bin/a.sh": "#!/bin/bash\n" }),
    scratch(),
  );
  const of = (severity: string) =>
    wrong
      .filter((one) => one.severity === severity)
      .map(({ line, found }) => `${line} ${found.split(" ")[0]}`);
  expect(of("must")).toEqual(["7 SC2071"]);
  expect(of("should")).toEqual(["5 SC2030", "6 SC2031"]);
  expect(of("remark")).toEqual(["2 SC2034", "3 SC2164", "4 SC2086"]);
});

test("shellcheck: errors of every script, all remarks of a changed one; a cached answer is the same", async () => {
  const files = tree({
    "bin/a.sh": "local a\necho $1\n",
    "bin/b": "#!/bin/bash\necho $1\n",
    "bin/c": "echo $1\n",
  });
  const cache = scratch("cache");
  const errors = await shellcheck(files, undefined, scratch(), cache);
  expect(places(errors.wrong)).toEqual([expect.stringContaining("shellcheck bin/a.sh:1:1 SC2168")]);
  const all = await shellcheck(files, tree({ "bin/a.sh": "local a\necho $1\n" }), scratch(), cache);
  expect(all.wrong.map(({ file, line, found }) => `${file?.slice(-5)}:${line} ${found.slice(0, 6)}`)).toEqual(
    ["bin/b:2 SC2086"],
  );
  expect(all).toEqual(await shellcheck(files, tree({ "bin/a.sh": "local a\necho $1\n" }), scratch()));
  expect(await shellcheck(files, files, scratch())).toEqual({ wrong: [], unknown: [] });
});

const site = (inner: string) =>
  [
    "server {",
    "  listen 80;",
    "  listen [::]:443 ssl ipv6only=on;",
    "  ssl_certificate /etc/nginx/ssl/a.crt;",
    "  ssl_certificate_key /etc/nginx/ssl/a.key;",
    "  access_log /var/log/nginx/x.log;",
    inner,
    "}",
    "",
  ].join("\n");
const nginx = (texts: Record<string, string>, name?: string) =>
  nginxAccepts(tree(texts), {
    program: "nginx",
    scratch: scratch(name),
    site: declaredSiteOf(defaultDeployment),
  });

test("nginx accepts a site whose certificates, logs, ports and addresses are not on this machine", async () => {
  const { wrong, unknown } = await nginx({ "etc/nginx/sites-available/a": site("  listen 192.0.2.1:8080;") });
  expect({ wrong, unknown }).toEqual({ wrong: [], unknown: [] });
});

test("what nginx refuses is reported at the line where it begins", async () => {
  const { wrong, unknown } = await nginx({
    "etc/nginx/sites-available/a": site("  -\n  location / {\n  }"),
    "etc/nginx/sites-available/b": "server {\n  listen 70000;\n}\n",
    "etc/nginx/sites-available/c":
      "server {\n  location / {\n    proxy_cache no_such;\n    root /x;\n  }\n}\n",
    "etc/nginx/sites-available/d":
      "server { listen 80; server_name x; }\nserver { listen *:80; server_name x; }\n",
    "bin/gateway.sh": `#!/bin/bash\ncat > /etc/nginx/sites-available/live <<'EOF'\n${site("  proxy_pas x;")}EOF\n`,
  });
  expect(unknown).toEqual([]);
  expect(places(wrong)).toEqual([
    'nginx etc/nginx/sites-available/a:7 unknown directive "-"',
    'nginx etc/nginx/sites-available/b:2 invalid port in "70000" of the "listen" directive',
    'nginx etc/nginx/sites-available/c:3 "proxy_cache" zone "no_such" is unknown',
    'nginx etc/nginx/sites-available/d:1 conflicting server name "x" on 0.0.0.0:80, ignored',
    'nginx bin/gateway.sh:9 unknown directive "proxy_pas"',
  ]);
  expect(wrong.map(({ severity }) => severity)).toEqual(["must", "must", "must", "should", "must"]);
});

test("a relative include is one below /etc/nginx, whether it is there or not", async () => {
  for (const [at, include] of ["snippets/tls", '"snippets/tls"', "'snippets/tls'", "snippets/*"].entries()) {
    const found = await nginx(
      {
        "etc/nginx/sites-available/a": site(`  include ${include};\n  include /etc/nginx/snippets/tls;`),
        "etc/nginx/snippets/tls": "ssl_session_timeout 5m;\n",
      },
      `there${at}`,
    );
    expect({ wrong: places(found.wrong), unknown: found.unknown }).toEqual({
      wrong: [
        'nginx etc/nginx/sites-available/a:1 "ssl_session_timeout" directive is duplicate in /etc/nginx/snippets/tls:1',
      ],
      unknown: [],
    });
  }
  const { wrong, unknown } = await nginx(
    { "etc/nginx/sites-available/a": site("  include snippets/gone;") },
    "gone",
  );
  expect(wrong).toEqual([]);
  expect(unknown).toEqual([
    {
      rule: "nginx",
      reason: expect.stringContaining("it includes /etc/nginx/snippets/gone, which is not in the tree"),
      next: `add it to ${treeRoot}/etc/nginx/snippets/gone`,
    },
  ]);
});

test("templates, backups and pages beside the sites are no sites", async () => {
  const broken = "server { listen @PORT@ {{ port }};\n";
  const names = ["a.template", "a.tmpl", "a.j2", "README.md", "a~", ".a.swp"];
  const found = await nginx(
    Object.fromEntries(names.map((name) => [`etc/nginx/sites-available/${name}`, broken])),
    "templates",
  );
  expect({ wrong: found.wrong, unknown: found.unknown }).toEqual({ wrong: [], unknown: [] });
});

test("a site that a script writes through a variable is checked; where the shell decides, it is unknown by name", async () => {
  const text =
    'SITES="/etc/nginx/sites-available"\ncat > "$SITES/vllm" << \'EOF\'\nserver {\n  server_nam x;\n}\nEOF\n';
  const braces = text.replace('"$SITES/vllm"', `\${SITES}/vllm`);
  for (const [at, script] of [text, braces].entries())
    expect(places((await nginx({ "bin/g.sh": script }, `variable${at}`)).wrong)).toEqual([
      'nginx bin/g.sh:4 unknown directive "server_nam"',
    ]);
  for (const [at, to] of ["$1/vllm", "$(pwd)/vllm", "/etc/nginx/sites-available/$NAME"].entries()) {
    const { wrong, unknown } = await nginx({ "bin/g.sh": text.replace("$SITES/vllm", to) }, `shell${at}`);
    expect(wrong).toEqual([]);
    expect(unknown.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("bin/g.sh:3: the shell decides"),
    ]);
  }
});

test("the site that a claim judges gets nginx's answer, with the site's own lines", async () => {
  const { wrong, declared } = await nginx({
    "etc/nginx/sites-available/vllm_gateway": "# x\n-\nserver {\n}\n",
  });
  expect(wrong).toEqual([]);
  expect(declared).toMatchObject({ code: 1, err: expect.stringMatching(/"-" in \/tree\/declared:2$/) });
});

test("a site that this machine's nginx can't check is unknown, neither pass nor fail", async () => {
  const reasons = async (texts: Record<string, string>, name: string) =>
    (await nginx(texts, name)).unknown.map(({ reason }) => reason);
  const made = "cat > /etc/nginx/sites-available/x <<EOF\nserver { listen $PORT; }\nEOF\n";
  expect(await reasons({ "bin/a.sh": made }, "made")).toEqual([expect.stringContaining("bin/a.sh:2")]);
  const named = "upstream u { server no.such.name.invalid:1; }\n";
  expect(await reasons({ "etc/nginx/sites-available/a": named }, "named")).toEqual([
    expect.stringContaining("the name resolves only on the target's network"),
  ]);
  const lua = "server { location / { content_by_lua x; } }\n";
  expect(await reasons({ "etc/nginx/sites-available/a": lua }, "lua")).toEqual([
    expect.stringContaining("lacks a module"),
  ]);
  const declared = declaredSiteOf(defaultDeployment);
  const asked = { program: undefined, scratch: scratch("no"), site: declared };
  const none = await nginxAccepts(tree({ [declared]: site("") }), asked);
  expect(none.declared).toEqual({ unknown: "nginx is not installed on this machine" });
});

test("a secret in a file is reported at its line, without its text", async () => {
  const password = `hunter${2}hunter`;
  const files = tree({ "etc/a.json": `{\n  "admin_password": "${password}"\n}`, "etc/b.json": "{}" });
  const evidence = new TreeEvidence("now", files, {
    "hypervisor secrets tree": await lookForSecrets(files, scratch()),
  });
  const levels = judgeLevels({ levels: ["declared", "live"] }, nothingLiesAbout, evidence, evidence);
  expect(levels.map(({ verdict }) => verdict)).toEqual(["fail", "not judged"]);
  const [red] = (levels[0]?.checks ?? []).filter(({ ok }) => !ok);
  expect(red?.where).toBe(`${treeRoot}/etc/a.json:2`);
  expect(JSON.stringify(levels)).not.toContain(password);
});

test("compose files: not YAML, a wrong shape, an unknown key, an undeclared volume", () => {
  const found = compose(
    tree({
      "persistent-storage/a/docker-compose.yml": "services:\n  a:\n    image: x\n   b: [\n",
      "persistent-storage/b/compose.yaml": "services:\n  a:\n    image: x\n    port:\n      - '80:80'\n",
      "persistent-storage/c/compose.yml": "services:\n  a:\n    ports: ['99:x']\n",
      "persistent-storage/d/compose.yml":
        "services:\n  a:\n    image: x\n    volumes:\n      - data:/data\n      - ./y:/y\n    depends_on: [b]\n",
      "persistent-storage/e/docker-compose.yml":
        "version: '3'\nservices:\n  a:\n    image: x:1\n    ports: ['9443:9443', 80, '127.0.0.1:1-2:1-2/udp', '$P:80']\n    volumes: ['d:/d', '/x']\nvolumes:\n  d:\n",
      "persistent-storage/f/compose.yml": "services: {}\n",
      "persistent-storage/g/compose.yml": "",
    }),
  );
  expect(places(found).map((each) => each.replace(/no YAML: .*/, "no YAML"))).toEqual([
    "compose persistent-storage/a/docker-compose.yml:4:1 no YAML",
    'compose persistent-storage/b/compose.yaml:4:5 /services/a must NOT have additional properties "port"',
    "compose persistent-storage/c/compose.yml:3:13 not a port: 99:x: x is no port",
    'compose persistent-storage/d/compose.yml:5:9 /services/a/volumes names the volume "data", which is not declared',
    'compose persistent-storage/d/compose.yml:7:18 /services/a/depends_on names "b", which is not a service',
    "compose persistent-storage/f/compose.yml:1:1 the file declares no service",
    "compose persistent-storage/g/compose.yml:1:1 the file is empty",
  ]);
});

test("heredocs: quoted, with tabs, by tee, with shell expansions", () => {
  const script = [
    "cat > /etc/a << 'EOF'",
    "one $x",
    "EOF",
    "# cat > /etc/no <<EOF",
    "cat <<-END > /etc/b",
    "\ttwo \\$x",
    "\tEND",
    "tee /etc/c <<E >/dev/null",
    "three $x",
    "E",
    "cat > /etc/open <<EOF",
    "never closed",
  ].join("\n");
  expect(heredocs(script).map(({ to, line, text, expands }) => ({ to, line, text, expands }))).toEqual([
    { to: "/etc/a", line: 2, text: "one $x\n", expands: false },
    { to: "/etc/b", line: 6, text: "two $x\n", expands: false },
    { to: "/etc/c", line: 9, text: "three $x\n", expands: true },
  ]);
});

test("a program that is missing keeps no process alive", () => {
  const [module, missing] = [join(import.meta.dirname, "run.ts"), "/nowhere/program"].map((path) =>
    JSON.stringify(path),
  );
  const program = `import(${module}).then(({ run }) => run(${missing}, [], { confinement: "wanted" })).then((ran) => process.stdout.write(String(ran)))`;
  // Its limit for a program that runs is longer.
  const { stdout, signal } = spawnSync(process.execPath, ["-e", program], {
    encoding: "utf8",
    timeout: 25_000,
  });
  expect([stdout, signal]).toEqual(["undefined", null]);
});

test("shellcheck: of several scripts, only the one that it can't check is unknown", async () => {
  const [done, unknown]: [string[], string[]] = [[], []];
  const work = async (some: readonly string[]) => {
    if (some.includes("bad")) throw new CannotTell("exit code 251");
    done.push(...some);
  };
  await togetherOrAlone(["a", "bad", "c"], work, (one, { message }) => unknown.push(`${one}: ${message}`));
  expect({ done, unknown }).toEqual({ done: ["a", "c"], unknown: ["bad: exit code 251"] });
});
