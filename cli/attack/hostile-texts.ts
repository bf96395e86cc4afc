// What a stranger could write into a file of a tree, or into the settings of its repository.
import type { Random } from "./random.ts";

const bomb = (times: number) =>
  [
    "a0: &a0 [x, x, x, x, x, x, x, x, x]",
    ...Array.from(
      { length: times },
      (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(", ")}]`,
    ),
  ].join("\n");
const nested = (open: string, close: string, times: number) => `${open.repeat(times)}${close.repeat(times)}`;

/** Texts for any file. */
export const texts: readonly ((random: Random) => string)[] = [
  () => "",
  () => "null",
  () => "\0".repeat(1000),
  () => "\u202e\u001b[2J\u0085\r\n".repeat(100),
  () => "[".repeat(100_000),
  () => nested('{"a":[', "]}", 50_000),
  () => `{"a": ${"1".repeat(1_000_000)}}`,
  () => bomb(12),
  () => nested("if true; then\n", "fi\n", 60_000),
  () => nested("server { location / { if ($a) {\n", "}}}\n", 20_000),
  () => "(".repeat(60_000),
  () => "$(".repeat(20_000),
  () => "`".repeat(20_001),
  () => `cat <<${"E".repeat(100_000)}\n`,
  (random) =>
    random
      .of([
        "a",
        " ",
        "\t",
        "\\",
        '"',
        "'",
        "{",
        "}",
        "-",
        "=",
        "$",
        "#",
        "\n",
        "a=",
        "x: ",
        "- ",
        "${",
        "&a ",
        "<<E\n",
      ])
      .repeat(1 + random.below(1_000_000)),
  (random) => Array.from({ length: 20_000 }, () => String.fromCharCode(random.below(0x300))).join(""),
  () => `${"password: ".repeat(20_000)}\n`,
  () => "cat >/etc/nginx/sites-available/x <<'E'\nserver {\nE\n".repeat(3000),
  () => "\ufeff{}",
  () => "server {\r listen 80;\r}\r",
  () => '{"vms": [], "vms": [{"vmid": 9999}], "__proto__": {"vms": 1}}',
  () => '{"vms": [{"vmid": 1e999, "name": -0, "volumes": [{"path": 1e-999}]}]}',
  () => `{"vms": [${"{".repeat(50)}`,
  () => '{"__proto__": {"admin": true}, "constructor": {"prototype": {"x": 1}}}',
  () => "a: !!js/function 'function () { return 1 }'\nb: !!python/object/apply:os.system ['id']\n",
  () => "a: &a\n  <<: *a\n  b: *a\n",
  () => "? [[[[{a: b}]]]]\n: - ? {}\n",
  () => "a: 1\n---\nb: 2\n...\n%YAML 9.9\n---\nc\n",
  () => "services:\n  a:\n    extends: b\n  b:\n    extends:\n      service: a\n",
  () => "include: [docker-compose.yml]\nservices: {}\n",
  () => "include: ['/etc/passwd', '../../../../../../../etc/passwd', 'https://127.0.0.1:9/x', '~/.ssh/id']\n",
  () =>
    "services:\n  a: {extends: {file: /dev/zero, service: a}, env_file: [/dev/zero, /proc/self/environ]}\n",
  () => `x: \${A:-\${B:-\${C:-${"${D:-".repeat(5000)}x${"}".repeat(5000)}}}}\n`,
  (random) => `${"\t".repeat(random.below(50_000))}x: y\n`,
];

/** Texts in the encodings of other systems. */
export const encoded: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
  (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.from(text.replaceAll("\n", "\r")),
  (text) => Buffer.from(text.replaceAll("\n", "\r\n")),
  (text) => Buffer.concat([Buffer.from(text), Buffer.of(0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80)]),
  (text) => Buffer.concat([Buffer.of(0xc3), Buffer.from(text)]),
  (text) => Buffer.from(text.replaceAll(" ", "\u00a0")),
  (text) => Buffer.from(`${text}\0`),
];

/** Lines of the docker feature, which is run: confined. */
export const featureLines = (outside: string): readonly string[] => [
  "while :; do :; done",
  "yes",
  "yes | tee /tmp/a /dev/null >/dev/full",
  "dd if=/dev/zero of=/tmp/big bs=1M",
  `cat ${outside}/secret /etc/shadow /root/.ssh/* ~/.ssh/*`,
  `touch ${outside}/ran /ran "$HOME/ran" /usr/ran /var/tmp/ran; rm -rf ${outside}`,
  "kill -9 -1; kill -9 1 $PPID",
  "trap '' TERM INT HUP; sleep 300 & setsid sleep 300 & wait",
  "exec 3<>/dev/tcp/127.0.0.1/22; cat <&3",
  "mount -t tmpfs none /usr; unshare -Urm true; chroot /proc/1/root true",
  "exec >&- 2>&-",
  "printf 'ran\\t/\\tcompose up\\nended\\t0\\n'; exit 0",
  'eval "$(cat /dev/zero | head -c 100000000)"',
  "a=$(yes | head -c 300000000)",
];

/** Settings of a repository, and of a tree in it, that make git run a program. */
export const gitSettings = (outside: string): readonly (readonly [string, string])[] => [
  ["core.fsmonitor", `touch ${outside}/ran`],
  ["core.pager", `touch ${outside}/ran`],
  ["core.sshCommand", `touch ${outside}/ran`],
  ["core.askPass", `touch ${outside}/ran`],
  ["core.hooksPath", `${outside}/hooks`],
  ["core.worktree", outside],
  ["filter.x.smudge", `touch ${outside}/ran`],
  ["filter.x.process", `touch ${outside}/ran`],
  ["diff.x.textconv", `touch ${outside}/ran`],
  ["diff.external", `touch ${outside}/ran`],
  ["gpg.program", `${outside}/ran`],
  ["log.showSignature", "true"],
  ["tar.tar.command", `touch ${outside}/ran`],
  ["uploadpack.packObjectsHook", `touch ${outside}/ran`],
  ["extensions.partialClone", "origin"],
  ["remote.origin.url", `ext::sh -c "touch ${outside}/ran"`],
  ["remote.origin.promisor", "true"],
  ["alias.rev-parse", `!touch ${outside}/ran`],
  ["include.path", `${outside}/secret`],
];

/** Patterns that backtrack for ever. */
export const patterns = ["^(a+)+$", "^(.*,)*x$", "^([a-z]+[0-9]*)*!$", "(?:(?:a|a)*)*b", "^(\\w|\\d|_)*$"];

/** A site's lines, by a folder of this machine. */
export const siteLines = (folder: string): readonly string[] => [
  `include ${folder}/secret;`,
  `include "${folder}/secret";`,
  `include\n\t'${folder}/*';`,
  `include /etc/nginx/../..${folder}/secret;`,
  "include /etc/shadow;",
  "include /proc/self/environ;",
  "include /proc/1/environ;",
  "include /dev/zero;",
  `access_log "${folder}/written";`,
  `error_log\n${folder}/written;`,
  `client_body_temp_path "${folder}/written";`,
  `proxy_temp_path\n${folder}/written;`,
  `ssl_certificate\n"${folder}/secret"; ssl_certificate_key\n"${folder}/secret";`,
  `listen unix:${folder}/written;`,
  `}} load_module ${folder}/secret; server {{`,
  `}} js_import x from ${folder}/secret; server {{`,
  `}} perl_require ${folder}/secret; server {{`,
  "} variables_hash_max_size 999999999; server {",
  "} proxy_cache_path /x keys_zone=a:9000g; server {",
  "} limit_req_zone $uri zone=a:9000g rate=1r/s; server {",
];
