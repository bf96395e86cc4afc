// Claims about the gateway's upstream on a sample: declared, written into the gateway, running there, accepted by nginx.
import { expect, test } from "@playwright/test";
import { gatewayScriptOf } from "../../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../../fixtures/deployment/read.ts";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { dump, healthy, site, treeFile } from "../../testing/evidence-builder.ts";
import { acceptedByNginx, declaredUpstream, runningUpstream } from "./upstream.ts";

const script = treeFile(gatewayScriptOf(defaultDeployment));
const link = "ln -sf /etc/nginx/sites-available/vllm_gateway /etc/nginx/sites-enabled/vllm_gateway\n";
const writes = (text: string, word = "'EOF'") =>
  `cat > /etc/nginx/sites-available/vllm_gateway << ${word}\n${text}\nEOF\n${link}`;

const declaredUpstreamBad: readonly Bad[] = [
  [
    "the old address",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace("101:9443", "99:9443"),
      },
    },
    "fail",
    "vllm_gateway:5",
  ],
  [
    "another port",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace("101:9443", "101:9000"),
      },
    },
    "fail",
    "10.0.0.101:9000",
  ],
  [
    "the address in a comment",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace(
          "server 10.0.0.101:9443;",
          "# server 10.0.0.101:9443;\n server 10.0.0.99:9443;",
        ),
      },
    },
    "fail",
    "10.0.0.99:9443",
  ],
  [
    "a second server",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace(
          "101:9443;",
          "101:9443; server 10.0.0.99:9443 backup;",
        ),
      },
    },
    "fail",
    "backup",
  ],
  [
    "no upstream",
    { hypervisor: { [treeFile("etc/nginx/sites-available/vllm_gateway")]: "" } },
    "fail",
    "no upstream portainer_service",
  ],
  [
    "an unclosed block",
    { hypervisor: { [treeFile("etc/nginx/sites-available/vllm_gateway")]: "upstream portainer_service {" } },
    "unknown",
    "never closed",
  ],
];

test("declaredUpstream holds on a healthy target", () => {
  expect(resultOf(declaredUpstream)).toMatch(/^pass/);
});

for (const state of declaredUpstreamBad)
  test(`declaredUpstream reads ${state[2]} with ${state[0]}`, () => expectSeen(declaredUpstream, state));

const runningUpstreamBad: readonly Bad[] = [
  [
    "a script that writes the old address",
    { hypervisor: { [script]: writes("upstream portainer_service { server 10.0.0.99:9443; }") } },
    "fail",
    "lxc_101.sh:2",
  ],
  [
    "a script that enables the declared file, which is stale",
    {
      hypervisor: {
        [script]: link,
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace("101:9443", "99:9443"),
      },
    },
    "fail",
    "10.0.0.99:9443",
  ],
  [
    "a stale running file",
    { gateway: { "nginx -T": dump(site.replace("101:9443", "99:9443")) } },
    "fail",
    "sites-enabled/vllm_gateway:4",
  ],
  [
    "a change that was not loaded",
    { gateway: { "nginx files": "1700000095.1\0/etc/nginx/sites-enabled/vllm_gateway\0" } },
    "fail",
    "changed 2023-11-14T22:14:55",
  ],
  [
    "no worker",
    {
      gateway: {
        "nginx processes": String(healthy.gateway["nginx processes"]).split("\n").slice(0, 3).join("\n"),
      },
    },
    "fail",
    "no worker runs",
  ],
  ["a gateway without evidence", { gateway: { "nginx -T": undefined } }, "unknown", "was not asked"],
];

const right = "upstream portainer_service { server 10.0.0.101:9443; }";
const declaredAs = (text: string): Bad[1] => ({
  hypervisor: { [treeFile("etc/nginx/sites-available/vllm_gateway")]: text },
});
for (const [what, block] of [
  ["parameters of the server", "server 10.0.0.101:9443 max_fails=3 fail_timeout=15s; keepalive 8;"],
  ["a weight", "least_conn; server 10.0.0.101:9443 weight=5 max_conns=100;"],
  ["a comment with another server", "# server 10.0.0.99:9080; until spring\n    server 10.0.0.101:9443;"],
  ["a comment behind the server", "server 10.0.0.101:9443; # was server 10.0.0.99:9443;"],
  ["single quotes", "server '10.0.0.101:9443';"],
  ["double quotes", 'server "10.0.0.101:9443" max_fails=0;'],
  ["another server that is down", "server 10.0.0.99:9443 down; server 10.0.0.101:9443;"],
] as const) {
  const text = `upstream portainer_service {\n    ${block}\n}`;
  test(`an upstream with ${what} is right where it is declared, delivered and live`, () => {
    expect(resultOf(declaredUpstream, declaredAs(text))).toMatch(/^pass/);
    expect(resultOf(runningUpstream, { hypervisor: { [script]: writes(text) } })).toMatch(/^pass/);
    expect(resultOf(runningUpstream, { gateway: { "nginx -T": { out: dump(text) } } })).toMatch(/^pass/);
  });
}

for (const [what, block, words] of [
  ["a server that is down", "server 10.0.0.101:9443 down;", 'remove \\"down\\"'],
  [
    "a second server as backup",
    "server 10.0.0.101:9443; server 10.0.0.99:9443 backup;",
    "10.0.0.99:9443 backup",
  ],
  ["the server in a comment", "# server 10.0.0.101:9443;", "no server"],
  ["a no-break space in the directive", "server\u00a010.0.0.101:9443;", "server<U+00A0>10.0.0.101:9443"],
  ["a zero-width space in the address", "server 10.0.0.\u200b101:9443;", "10.0.0.<U+200B>101:9443"],
  ["a byte order mark in the directive", "\ufeffserver 10.0.0.101:9443;", "<U+FEFF>server"],
] as const) {
  const text = `upstream portainer_service {\n    ${block}\n}`;
  test(`an upstream with ${what} is refuted where it is declared, delivered and live`, () => {
    for (const said of [
      resultOf(declaredUpstream, declaredAs(text)),
      resultOf(runningUpstream, { hypervisor: { [script]: writes(text) } }),
      resultOf(runningUpstream, { gateway: { "nginx -T": { out: dump(text) } } }),
    ]) {
      expect(said).toMatch(/^fail/);
      expect(said).toContain(words);
    }
  });
}

for (const [what, text, words] of [
  [
    "a server by name",
    "upstream portainer_service { server docker.phoenix.local:9443; }",
    "only the gateway can resolve",
  ],
  [
    "an include in the upstream",
    "upstream portainer_service { server 10.0.0.101:9443; include snippets/more; }",
    "may add servers",
  ],
] as const)
  test(`a declared upstream with ${what} is unknown`, () => {
    const said = resultOf(declaredUpstream, declaredAs(text));
    expect(said).toMatch(/^unknown/);
    expect(said).toContain(words);
  });

const dir = 'AVAILABLE="/etc/nginx/sites-available"\nENABLED=/etc/nginx/sites-enabled\n';
for (const [what, text] of [
  ["a plain path", writes(right)],
  [
    "a path in a variable",
    `${dir}cat > "$AVAILABLE/vllm_gateway" << 'EOF'\n${right}\nEOF\nln -s $AVAILABLE/vllm_gateway $ENABLED/`,
  ],
  [
    "a path in braces",
    `${dir}cat << EOF > \${AVAILABLE}/vllm_gateway\n${right}\nEOF\nln -sfn "\${AVAILABLE}/vllm_gateway" "\${ENABLED}/vllm_gateway" || exit 1`,
  ],
  [
    "nginx's own variables in an unquoted heredoc",
    writes(`${right}\nserver { return 301 https://\\$host; }`, "EOF"),
  ],
  [
    "a shell variable elsewhere in an unquoted heredoc",
    writes(`server { server_name $NAME; }\n${right}`, "EOF"),
  ],
  ["a file in conf.d", `cat > /etc/nginx/conf.d/portainer.conf << 'EOF'\n${right}\nEOF\n`],
  ["a copy into sites-enabled", `cp /tmp/phoenix_run/sites-available/vllm_gateway /etc/nginx/sites-enabled/`],
  ["tee", `sudo tee /etc/nginx/sites-available/vllm_gateway > /dev/null << 'EOF'\n${right}\nEOF\n${link}`],
  ["an old link that is removed first", `rm -f /etc/nginx/sites-enabled/vllm_gateway\n${writes(right)}`],
  ["an exit within a block", `if ! true; then\n  exit 1\nfi\n${writes(right)}exit 0\n`],
  ["a function that is called", `site() {\n${writes(right)}}\nsite\n`],
  [
    "a variable made of variables",
    `N=/etc/nginx\nS="$N/sites-available/vllm_gateway"\ncat <<'EOF' > "$S"\n${right}\nEOF\nln -sf "$S" $N/sites-enabled/`,
  ],
  [
    "a variable outside of its quotes",
    `declare -r D='/etc/nginx/sites-available'\ncat > "$D"/vllm_gateway <<'EOF'\n${right}\nEOF\n${link}`,
  ],
  [
    "a part that is added to the site",
    `${writes(right)}cat >> /etc/nginx/sites-available/vllm_gateway << 'EOF'\nserver { listen 81; }\nEOF\n`,
  ],
  [
    "a heredoc with tabs, and a comment behind the brace",
    `cat > /etc/nginx/sites-available/vllm_gateway <<-\\EOF\n\tupstream portainer_service { # was 10.0.0.99\n\t\tserver 10.0.0.101:9443;\n\t}\n\tEOF\n${link}`,
  ],
  [
    "a site whose owner and mode the script sets",
    `${writes(right)}chmod 644 /etc/nginx/sites-available/vllm_gateway\nnginx -t\ngrep -q x /etc/nginx/sites-available/vllm_gateway\n`,
  ],
] as const)
  test(`delivered by ${what}`, () =>
    expect(resultOf(runningUpstream, { hypervisor: { [script]: text } })).toMatch(/^pass/));

for (const [what, text, words] of [
  ["no link to the site", writes(right).replace(link, ""), "a site that the script enables"],
  [
    "another upstream of the name that is added",
    `${writes(right)}cat >> /etc/nginx/sites-available/vllm_gateway << 'EOF'\nupstream portainer_service { server 10.0.0.99:9443; }\nEOF\n`,
    "2 upstreams portainer_service",
  ],
  [
    "another heredoc that writes it again",
    `${writes(right)}${writes(right.replace("101", "99"))}`,
    "10.0.0.99:9443",
  ],
  [
    "the old address by dd",
    `dd of=/etc/nginx/sites-available/vllm_gateway << 'EOF'\n${right.replace("101", "99")}\nEOF\n${link}`,
    "10.0.0.99:9443",
  ],
  [
    "the old address by install",
    `install -m 644 /dev/stdin /etc/nginx/sites-available/vllm_gateway << 'EOF'\n${right.replace("101", "99")}\nEOF\n${link}`,
    "10.0.0.99:9443",
  ],
  [
    "no link, and another file in conf.d",
    `cat > /etc/nginx/conf.d/njs.conf << 'EOF'\njs_import http from x;\nEOF\n${writes(right).replace(link, "")}`,
    "a site that the script enables",
  ],
  ["a link that is a comment", writes(right).replace(link, `# ${link}`), "a site that the script enables"],
  [
    "a link that is removed again",
    `${writes(right)}rm -f /etc/nginx/sites-enabled/*\n`,
    "a site that the script enables",
  ],
  ["a link after an exit", `exit 0\n${writes(right)}`, "a site that the script enables"],
  [
    "another site that is enabled",
    writes(right).replaceAll("sites-available/vllm_gateway /etc", "sites-available/n8n_proxy /etc"),
    "no upstream portainer_service in n8n_proxy",
  ],
] as const)
  test(`not delivered with ${what}`, () => {
    const said = resultOf(runningUpstream, { hypervisor: { [script]: text } });
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("the advice names the site that is served, and its file", () => {
  const said = resultOf(runningUpstream, {
    hypervisor: {
      [script]: "ln -sf /etc/nginx/sites-available/gateway /etc/nginx/sites-enabled/gateway\n",
      [treeFile("etc/nginx/sites-available/gateway")]:
        "\nupstream portainer_service { server 10.0.0.99:9443; }",
    },
  });
  expect(said).toMatch(/^fail/);
  expect(said).toContain("etc/nginx/sites-available/gateway:2");
});

for (const [what, text, words] of [
  [
    "a shell variable in the upstream",
    `PORTAINER=10.0.0.101\n${writes("upstream portainer_service { server $PORTAINER:9443; }", "EOF")}`,
    "lxc_101.sh:3: the shell expands",
  ],
  [
    "a command in the upstream",
    writes("upstream portainer_service {\n  server `getent hosts x`:9443;\n}", "EOF"),
    "the shell expands",
  ],
  [
    "braces of the shell in the upstream",
    writes(`upstream portainer_service {\n server \${IP}:9443;\n}`, "EOF"),
    "the shell expands",
  ],
  [
    "a path that the shell decides",
    `cat > "$DIR/vllm_gateway" << 'EOF'\n${right}\nEOF\n${link}`,
    "which file",
  ],
  [
    "sed afterwards",
    `${writes(right)}sed -i 's/101:9443/99:9443/' /etc/nginx/sites-available/vllm_gateway\n`,
    "lxc_101.sh:5: the script changes vllm_gateway",
  ],
  [
    "sed on whatever is enabled",
    `${writes(right)}sed -e s/101/99/ -i.bak /etc/nginx/sites-enabled/*\n`,
    "the script changes vllm_gateway",
  ],
  [
    "another file that is copied over it",
    `${writes(right)}cp /srv/gateway.conf /etc/nginx/sites-available/vllm_gateway\n`,
    "the script changes vllm_gateway",
  ],
  [
    "a template that is filled in",
    `envsubst < /tmp/t > /etc/nginx/sites-available/vllm_gateway\n${link}`,
    "the script changes vllm_gateway",
  ],
  [
    "a program in another language",
    `${writes(right)}python3 - << 'EOF'\nopen('/etc/nginx/sites-available/vllm_gateway', 'w').write('')\nEOF\n`,
    "the script changes vllm_gateway",
  ],
  ["a condition around the heredoc", `if [ ! -f /x ]; then\n${writes(right)}fi\n`, "depends on"],
  [
    "a function that nothing calls",
    `site() {\n${writes(right).replace(link, "")}}\n${link}`,
    "which nothing calls",
  ],
  [
    "the whole upstream from a variable",
    writes("$UPSTREAMS\nserver { listen 80; }", "EOF"),
    "the shell expands $UPSTREAMS",
  ],
  ["an include that may have it", writes("include /etc/nginx/upstreams.d/*.conf;"), "upstreams.d/*.conf"],
  [
    "a path of two values",
    `DIR=/a\nDIR=/etc/nginx/sites-available\ncat > $DIR/vllm_gateway << 'EOF'\n${right}\nEOF\n${link}`,
    "which file",
  ],
  [
    "a loop over sites",
    `for site in a b; do ln -s /etc/nginx/sites-available/$site /etc/nginx/sites-enabled/; done`,
    "which the shell decides",
  ],
  [
    "an echo",
    `echo "upstream portainer_service { server 10.0.0.99:9443; }" > /etc/nginx/conf.d/p.conf\n${link}`,
    "was not followed",
  ],
] as const)
  test(`delivered or not is unknown with ${what}`, () => {
    const said = resultOf(runningUpstream, { hypervisor: { [script]: text } });
    expect(said).toMatch(/^unknown/);
    expect(said).toContain(words);
  });

test("runningUpstream holds on a healthy target", () => {
  expect(resultOf(runningUpstream)).toMatch(/^pass/);
});

for (const state of runningUpstreamBad)
  test(`runningUpstream reads ${state[2]} with ${state[0]}`, () => expectSeen(runningUpstream, state));

const acceptedByNginxBad: readonly Bad[] = [
  [
    "a declared file that nginx refuses",
    {
      gateway: {
        "nginx -t declared": {
          code: 1,
          err: '2026/11/23 09:00:01 [emerg] 7#7: unknown directive "-" in /dev/shm/tmp.x/declared:9\nnginx: configuration file /dev/shm/tmp.x/declared test failed\n',
        },
      },
    },
    "fail",
    "sites-available/vllm_gateway:9",
  ],
  [
    "a warning about the service",
    {
      gateway: {
        "nginx -T": {
          err: 'nginx: [warn] conflicting server name "portainer.phoenix.local" on 0.0.0.0:443, ignored\n',
        },
      },
    },
    "fail",
    "conflicting server name",
  ],
  [
    "no nginx",
    { gateway: { "nginx -T": { code: 127, err: "timeout: failed to run command 'nginx'" } } },
    "fail",
    "exit code 127",
  ],
];

for (const [what, answer] of [
  ["no output at all", { out: "", err: "" }],
  ["output that was cut", { err: "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n" }],
] as const)
  test(`nginx's consent is unknown with exit code 0 and ${what}`, () => {
    expect(resultOf(acceptedByNginx, { gateway: { "nginx -T": answer } })).toMatch(/^unknown.*is successful/);
    expect(resultOf(acceptedByNginx, { gateway: { "nginx -t declared": answer } })).toMatch(/^unknown/);
  });

test("an old file that is put back with its old time is a change that was not loaded", () => {
  // %C@ is the time of the change of any kind, which nobody can set back.
  const files =
    "1700000080.1 100\0/etc/nginx/nginx.conf\x001700000099.5 50\0/etc/nginx/sites-enabled/vllm_gateway\0";
  expect(resultOf(runningUpstream, { gateway: { "nginx files": files } })).toMatch(
    /^fail.*vllm_gateway changed/,
  );
});

for (const [what, files] of [
  ["no file", ""],
  ["a time that is none", "x 1\0/etc/nginx/nginx.conf\0"],
] as const)
  test(`whether the running nginx has the configuration is unknown with ${what}`, () =>
    expect(resultOf(runningUpstream, { gateway: { "nginx files": files } })).toMatch(/^unknown/));

test("acceptedByNginx holds on a healthy target", () => {
  expect(resultOf(acceptedByNginx)).toMatch(/^pass/);
});

for (const state of acceptedByNginxBad)
  test(`acceptedByNginx reads ${state[2]} with ${state[0]}`, () => expectSeen(acceptedByNginx, state));
