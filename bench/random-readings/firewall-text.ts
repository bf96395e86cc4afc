// Odd but plausible files of pve-firewall.
import type { Random } from "./choice.ts";
import type { Files } from "./kinds.ts";

type Place = "cluster" | "host" | "guest" | "group";

export function firewallFiles(random: Random): Files {
  const files: Record<string, string> = { "cluster.fw": cluster(random) };
  if (!random.once(3)) files["host.fw"] = host(random);
  if (!random.once(8)) files["101.fw"] = guest(random);
  if (!random.once(8)) files["1001.fw"] = guest(random);
  return files;
}

const names = [
  "lan",
  "gateway",
  "admins",
  "Docker-Host",
  "web_1",
  "blacklist",
  "management",
  "local_network",
  "x1",
];
const groups = ["web", "Web-In", "admin_1", "portainer", "lost"];
const addresses = [
  ..."10.0.0.153 10.0.0.101 10.0.0.250 10.0.0.60 10.0.0.13 10.0.0.0/24 10.0.0.128/25 10.0.0.0/8 10.0.0.5/32".split(
    " ",
  ),
  ..."0.0.0.0/0 192.168.0.0/16 10.0.0.90-10.0.0.110 10.0.0.153,10.0.0.250 10.0.0.0/25,10.0.0.192/26".split(
    " ",
  ),
  ..."2001:db8::1 2001:db8::/32 ::/0 fe80::1,fe80::2 ::ffff:10.0.0.153".split(" "),
];
const oddAddresses = [
  ..."10.0.0.1/24 10.0.0.300 10.0.0 10.0.0/24 10.0.0.1,, ,10.0.0.1 10.0.0.1-10.0.0.9,10.0.0.250 10.0.0.9-10.0.0.1".split(
    " ",
  ),
  ..."10.0.0.1,2001:db8::1 010.0.0.153 10.0.0.153/33 10.0.0.153/ 10/8 10.0.0.0/08 10.0.0.0/255.255.255.0 any vm.lan 0".split(
    " ",
  ),
  ..."10.0.0.0/24,10.0.0.1/24 10.0.0.0-10.0.0.255 +lan,10.0.0.1 lan,gateway fe80::1/64 10.0.0.153-10.0.0.153 0.0.0.0".split(
    " ",
  ),
  ..."2001:DB8::1 2001:db8:::1 ::1/129 1:2:3:4:5:6:7:8 10.0.0.1/0 10.0.0.1/00 !10.0.0.1 10.0.0.*".split(" "),
];

/** A word for `-source` or `-dest`. */
function end(random: Random): string {
  const form = random.below(10);
  if (form < 5) return random.of(addresses);
  if (form === 9 && random.once(2)) return random.of(oddAddresses);
  const name = random.once(4) ? random.of(names).toLowerCase() : random.of(names);
  const scope = random.of(["", "", "", "dc/", "guest/"]);
  if (form < 7) return scope + (random.once(6) ? name.toUpperCase() : name);
  return `+${random.once(40) ? "sdn/" : scope}${name}`;
}

const protocols = ["tcp", "tcp", "tcp", "udp", "icmp", "sctp", "6", "17", "1"];
const oddProtocols = [
  "TCP",
  "icmpv6",
  "ipv6-icmp",
  "58",
  "esp",
  "gre",
  "47",
  "all",
  "foo",
  "0",
  "ip",
  "255",
  "igmp",
  "udplite",
  "136",
  "dccp",
  "132",
  "33",
  "41",
];
const ports = [
  "22",
  "80",
  "443",
  "9443",
  "8000:9443",
  "22,80,443",
  "http",
  "ssh,https",
  "2049",
  "1:65535",
  "9000",
  "53",
  "8006",
  "111,2049",
];
const oddPorts = [
  ..."0 65536 9443-9444 80,,443 80, ,80 443:80 http:https foo 0:65535 080 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 :80 80:".split(
    " ",
  ),
  ..."1:2,3:4,5:6,7:8,9:10,11:12,13:14,15 0,80 echo-request HTTP https,80 nfs sunrpc any 00 80:80 22,80:90".split(
    " ",
  ),
];
const types = ["echo-request", "echo-reply", "any", "destination-unreachable", "redirect"];
const oddTypes = ["8", "0", "8/0", "neighbor-solicitation", "ping", "Echo-Request", "no-route", "255", "256"];
const macros = [
  "SSH",
  "Ping",
  "Web",
  "HTTPS",
  "DNS",
  "ssh",
  "SMB",
  "NTP",
  "Trcrt",
  "IPsec",
  "SixXS",
  "GRE",
  "Ceph",
  "DHCPfwd",
  "NeighborDiscovery",
  "DHCPv6",
  "Mail",
];

function options(random: Random, place: Place): string[] {
  const given: string[] = [];
  const add = (key: string, values: readonly string[], times: number) => {
    if (random.once(times)) given.push(`${random.once(8) ? "--" : "-"}${key} ${random.of(values)}`);
  };
  const icmp = random.once(8);
  if (icmp) given.push(`-p ${random.of(["icmp", "icmp", "icmp", "1", "icmpv6", "ipv6-icmp"])}`);
  else if (!random.once(4))
    given.push(
      `${random.of(["-p", "-p", "-p", "-proto", "--proto"])} ${random.of(random.once(6) ? oddProtocols : protocols)}`,
    );
  add("dport", icmp ? [...types, ...oddTypes] : random.once(6) ? oddPorts : ports, icmp ? 4 : 2);
  add(
    "sport",
    random.once(4) ? oddPorts : ["1024:65535", "40000", "22", "1:1023", "40000,40001", "1:40000,50000"],
    10,
  );
  if (random.once(2)) given.push(`${random.once(8) ? "--" : "-"}source ${end(random)}`);
  if (random.once(2)) given.push(`${random.once(8) ? "--" : "-"}dest ${end(random)}`);
  add("log", ["nolog", "info", "loud", "INFO", "debug"], 10);
  add("icmp-type", random.once(2) ? types : oddTypes, icmp ? 2 : 40);
  if (random.once(10))
    given.push(
      `-i ${random.of(place === "guest" ? ["net0", "net0", "net1", "eth0", "net32", "NET0"] : ["vmbr0", "vmbr1", "lo", "eth0", "net0", "vmbr+", "bond0.12"])}`,
    );
  if (random.once(2)) given.reverse();
  if (random.once(50))
    given.push(
      random.of([
        "-foo bar",
        "-p",
        "-dport",
        "-iface net0",
        "-destport 80",
        "bar",
        "-p  tcp",
        "-dport\t80",
        "-enable 1",
      ]),
    );
  return given;
}

function rule(random: Random, place: Place): string {
  const bar = random.once(12) ? random.of(["|", "|", "| ", "||"]) : "";
  const blank = () => (random.once(20) ? random.of(["  ", "\t"]) : " ");
  const tail = random.once(8)
    ? random.of([" # note", " #", "# note # more", " # -p tcp", "#x", " ", "\t"])
    : "";
  if (place !== "group" && random.once(7)) {
    const iface = random.once(4)
      ? ` -i ${random.of(place === "guest" ? ["net0", "net1", "eth0"] : ["vmbr0", "eth0", "vmbr1"])}`
      : "";
    const extra = random.once(12) ? random.of([" -p tcp", " -source 10.0.0.1", " -log info", " x"]) : "";
    const name = random.of(groups);
    return `${bar}GROUP${blank()}${random.once(2) ? name.toLowerCase() : name}${iface}${extra}${tail}`;
  }
  const direction = random.of([
    "IN",
    "IN",
    "IN",
    "OUT",
    "OUT",
    "in",
    "Out",
    "IN",
    "OUT",
    random.once(4) ? "FORWARD" : "IN",
    random.once(20) ? "GROUP" : "OUT",
  ]);
  const verdict = random.of([
    "ACCEPT",
    "ACCEPT",
    "ACCEPT",
    "DROP",
    "DROP",
    "REJECT",
    "REJECT",
    random.once(6) ? "accept" : "DROP",
    random.once(12) ? "LOG" : "ACCEPT",
  ]);
  const macro = random.once(6);
  const action = macro
    ? `${random.once(20) ? random.of(["Nothing", "", "web "]) : random.of(macros)}(${verdict})`
    : verdict;
  const given =
    macro && !random.once(4)
      ? options(random, place).filter((one) => /source|dest|log|-i /.test(one))
      : options(random, place);
  const words = [direction, action].join(blank());
  return bar + [words, ...given].map((word, at) => (at === 0 ? word : blank() + word)).join("") + tail;
}

const rules = (random: Random, place: Place, most: number) =>
  lines(
    random,
    Array.from({ length: random.below(most) + 1 }, () => rule(random, place)),
  );

function alias(random: Random): string {
  const blank = random.of([" ", " ", " ", " ", " ", random.once(4) ? "  " : "\t"]);
  const address = random.once(10)
    ? random.of(oddAddresses)
    : random.of(addresses.filter((one) => !/[,]|\d-/.test(one)));
  const name = random.once(20) ? random.of(["1x", "a", "dc/lan", "über", "lan.x", "+lan"]) : random.of(names);
  return `${name}${blank}${address}${random.once(8) ? random.of([" # note", "#note", " #"]) : ""}`;
}

function entry(random: Random): string {
  const not = random.once(6) ? random.of(["!", "! "]) : "";
  const form = random.below(10);
  const address =
    form < 6
      ? random.of(addresses.filter((one) => !/[,]|\d-/.test(one)))
      : form === 6 && random.once(2)
        ? random.of(oddAddresses)
        : undefined;
  const word = address ?? random.of(["", "", "dc/", "guest/"]) + random.of(names);
  return `${not}${word}${random.once(8) ? random.of([" # note", "#note", " x"]) : ""}`;
}

function head(random: Random, name: string): string {
  const shown = random.of([
    name.toUpperCase(),
    name.toUpperCase(),
    name.toUpperCase(),
    name,
    name[0]?.toUpperCase() + name.slice(1),
  ]);
  const odd = random.once(60);
  return odd
    ? random.of([`[${shown}] # x`, `[ ${shown} ]`, `[${shown}]x`, `[${shown}`, `[${shown}]\r`])
    : `${random.once(12) ? " " : ""}[${shown}]${random.once(12) ? random.of([" ", "\t"]) : ""}`;
}

function named(random: Random, kind: "group" | "ipset", name: string): string {
  const word = random.once(3) ? kind : kind.toUpperCase();
  return `[${word}${random.once(12) ? "  " : " "}${name}]${random.once(8) ? random.of([" # note", "# note", " ", "x"]) : ""}`;
}

/** Lines with comments and blank ones between. */
function lines(random: Random, all: readonly string[]): string[] {
  return all.flatMap((line) => [
    ...(random.once(12) ? [random.of(["", "# note", "  ", "\t# note", "#", "\f"])] : []),
    random.once(40)
      ? random.of([`${line}\r`, ` ${line}`, `\t${line} `, `${line}\u00a0`, `\ufeff${line}`, `${line} é`])
      : line,
  ]);
}

function optionLines(random: Random, place: Place): string[] {
  const on = random.once(12)
    ? random.of(["0", "01", "2", "00", "1 # on", "4102444800", "99", "yes", "-1", "+1"])
    : "1";
  const colon = () => random.of([": ", ": ", ": ", ":", ":  ", " : ", ":\t"]);
  const key = (text: string) => (random.once(10) ? text.toUpperCase() : text);
  const one = (name: string, values: readonly string[], times: number) =>
    random.once(times) ? [`${key(name)}${random.once(10) ? colon() : ": "}${random.of(values)}`] : [];
  const policies = ["ACCEPT", "ACCEPT", "DROP", "DROP", "REJECT", "accept", "Drop", "deny", "", "ACCEPT # x"];
  const always =
    place === "host"
      ? random.once(3)
        ? [`enable: ${on}`]
        : []
      : random.once(25)
        ? []
        : [`${key("enable")}${random.once(20) ? colon() : ": "}${on}`];
  const levels = ["info", "nolog", "INFO", "loud", "", "debug "];
  const own = {
    cluster: [
      ...one("ebtables", ["0", "1", "2"], 10),
      ...one(
        "log_ratelimit",
        [
          "enable=1,rate=1/second,burst=5",
          "enable=0",
          "1",
          "enable=1",
          "rate=5/minute",
          "foo",
          "enable=1,burst=x",
          "rate=fast",
        ],
        25,
      ),
      ...one("policy_forward", policies, 12),
    ],
    host: [
      ...one("nosmurfs", ["0", "1"], 6),
      ...one("tcpflags", ["0", "1"], 6),
      ...one("ndp", ["0", "1"], 8),
      ...one("log_level_in", levels, 8),
      ...one("nf_conntrack_helpers", ["ftp", "ftp,sip", "nope", "FTP", "ftp,", "amanda, ftp"], 8),
      ...one("nf_conntrack_max", ["262144", "abc"], 10),
      ...one("protection_synflood", ["1", "0"], 8),
      ...one("nftables", ["0", "1"], 25),
      ...one("nf_conntrack_allow_invalid", ["1", "0"], 10),
      ...one("smurf_log_level", levels, 12),
    ],
    guest: [
      ...one("dhcp", ["0", "1"], 6),
      ...one("macfilter", ["0", "1"], 6),
      ...one("ipfilter", ["0", "1", "1"], 8),
      ...one("ips", ["0", "1"], 25),
      ...one("ips_queues", ["0", "0:3", "x", "1:"], 25),
      ...one("layer2_protocols", ["ARP,IPv4", "IPv4", "foo", "0x0800", "ARP, IPv4", "2048"], 20),
      ...one("radv", ["0", "1"], 10),
      ...one("log_level_out", levels, 10),
      ...one("ndp", ["0", "1"], 12),
    ],
    group: [],
  }[place];
  const shared =
    place === "host"
      ? []
      : [...one("policy_in", policies, 2), ...one("policy_out", policies, 3), ...one("foo", ["1"], 30)];
  const all = [...always, ...own, ...shared];
  if (random.once(8) && all[0]) all.push(all[0].replace(/1/, "0"));
  return lines(random, all);
}

function cluster(random: Random): string {
  const sections = [
    [head(random, "options"), ...optionLines(random, "cluster")],
    ...(random.once(2) ? [[head(random, "aliases"), ...lines(random, some(random, 5, alias))]] : []),
    ...some(random, 3, () => [
      named(random, "ipset", setName(random)),
      ...lines(random, some(random, 5, entry)),
    ]),
    ...(random.once(2) ? [[head(random, "rules"), ...rules(random, "cluster", 4)]] : []),
    ...some(random, 3, () => [
      named(
        random,
        "group",
        random.once(30) ? random.of(["1web", "a-very-long-group-name", "x", "w.b"]) : random.of(groups),
      ),
      ...rules(random, "group", 3),
    ]),
    ...(random.once(12) ? [[head(random, "options"), ...optionLines(random, "cluster")]] : []),
  ];
  return file(random, sections);
}

function host(random: Random): string {
  return file(random, [
    [head(random, "options"), ...optionLines(random, "host")],
    ...(random.once(2) ? [[head(random, "rules"), ...rules(random, "host", 4)]] : []),
    ...(random.once(25) ? [[head(random, "aliases"), alias(random)]] : []),
  ]);
}

function guest(random: Random): string {
  return file(random, [
    [head(random, "options"), ...optionLines(random, "guest")],
    ...(random.once(3) ? [[head(random, "aliases"), ...lines(random, some(random, 4, alias))]] : []),
    ...some(random, 2, () => [
      named(
        random,
        "ipset",
        random.once(5) ? random.of(["ipfilter-net0", "ipfilter-net1"]) : setName(random),
      ),
      ...lines(random, some(random, 4, entry)),
    ]),
    [head(random, "rules"), ...rules(random, "guest", 5)],
    ...(random.once(20) ? [[head(random, "rules"), ...rules(random, "guest", 2)]] : []),
    ...(random.once(30) ? [[named(random, "group", "web"), ...rules(random, "group", 2)]] : []),
  ]);
}

const setName = (random: Random) =>
  random.once(30)
    ? random.of(["1x", "x", "a.b", "averyveryverylongnameofasetthatnobodywouldwritebutwhichisallowed-0"])
    : random.of(names);

const some = <T>(random: Random, below: number, make: (random: Random) => T): T[] =>
  Array.from({ length: random.below(below) }, () => make(random));

/** The sections, mostly in this order, in one text. */
function file(random: Random, sections: readonly (readonly string[])[]): string {
  const all = random.once(4) ? [...sections].reverse() : sections;
  const end = random.once(60) ? "\r\n" : "\n";
  const text = all.map((part) => part.join(end)).join(random.once(2) ? end + end : end);
  const stray = random.once(40) ? `${random.of(["IN DROP", "enable: 1", "x"])}${end}` : "";
  return `${random.once(60) ? "\ufeff" : ""}${stray}${text}${random.once(8) ? "" : end}`;
}
