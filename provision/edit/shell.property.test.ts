// Positions in shell scripts, compared with bash: what it runs, what it writes, and what it reads as text.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";
import { onlyInserted, outcome, seconds, spot } from "../testing/refused.ts";
import { readScript } from "./script.ts";
import { anchor, functionBody, heredocTo, linesAfter, linesBefore, says } from "./shell.ts";

const file = "set up.sh";
const target = "./out";
const bashProgram = "/bin/bash";
let room: string;

test.beforeAll(() => {
  room = mkdtempSync(join(tmpdir(), "shell-property-"));
  removeAtExit(room);
  mkdirSync(join(room, "bin"));
  symlinkSync("/bin/cat", join(room, "bin", "cat"));
});

/** Runs a script with bash in its own folder, where cat is the only command; returns what it wrote, unless bash failed. */
function run(script: string, name = "out"): { wrote: string | undefined } {
  const options = {
    cwd: room,
    env: { PATH: join(room, "bin"), LC_ALL: "C.UTF-8" },
    input: "",
    timeout: 5_000,
  };
  rmSync(join(room, name), { force: true });
  const { stderr } = spawnSync(bashProgram, ["--norc", "-c", script], options);
  const unread = /unexpected|delimited by end-of-file/.test(stderr.toString());
  return {
    wrote: unread || !existsSync(join(room, name)) ? undefined : readFileSync(join(room, name), "utf8"),
  };
}

/** Whether bash can parse the text as a script. */
const wellFormed = (script: string) => {
  const { status, stderr } = spawnSync(bashProgram, ["-n"], { input: script });
  return status === 0 && stderr.length === 0;
};

const opening = `cat > ${target} << 'EOF'`;
/** Text that may surround a heredoc, and often looks like one. */
const noise = fc.constantFrom(
  "",
  ":",
  `# ${opening}`,
  `: # it's << 'EOF'`,
  `: '\n${opening}\nno\nEOF\n'`,
  `: "\n${opening}\nno\nEOF\n"`,
  `: "$(: "a)" ')' # it's "\n)"`,
  `: << 'EOF'\n${opening.replace("EOF", "END")}\nno\nEND\nEOF`,
  `: <<END\n${opening}\n\\\nEND\n$(:)\nEOF\nEND`,
  "cat <<- END > /dev/null\n\tEND of\n \tEND\n\t\tEND",
  "cat << A << 'B' > /dev/null\n# B\nB\nA\nA\nB",
  ": $((1 << 2)) <<< 'EOF' $'it\\'s' `: \\`:\\``",
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is shell
  "((a = 1 << 2)); for ((i = 0; i < 1; i++)); do :; done",
  "case a in\n  a) : ;;\n  (b) : ;;\nesac",
  ': "$(case a in a) : ;; esac)" "${x:-it\'s}" "${x#\'}\'}"',
  "f() {\n    : '\n}\n'\n}",
  "if :; then {\n:\n}; fi",
  ": \\\n<< 'X'\nEOF\nX",
  ": &&\n:",
  "a=(\n  '('\n)",
  ": a#b $# ${#x} \\# \\'",
  ": ключ 𝒳e\u0301\u2028#\u00a0",
  ": <(:) > /dev/null 2>&1",
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is shell
);
const noises = fc.array(noise, { maxLength: 4 }).map((all) => all.map((one) => `${one}\n`).join(""));
const textLine = fc.oneof(
  fc.constantFrom(
    "",
    "EOF ",
    " EOF",
    "EOFEOF",
    "\tEOF",
    opening,
    "# it's",
    "END",
    '"$(',
    "`",
    "$x \\",
    "}",
    "\r",
    "é𝒳\u2028",
  ),
  fc.string({ maxLength: 6 }).filter((one) => !/[\n\0]/.test(one) && one !== "EOF"),
);
const body = fc.array(textLine, { maxLength: 5 }).map((all) => all.map((one) => `${one}\n`).join(""));

test("the text that is edited is the text that bash writes", () => {
  fc.assert(
    fc.property(noises, body, noises, fc.boolean(), (ahead, text, following, newline) => {
      const start = `${ahead}${opening}\n`;
      const script = `${start}${text}EOF${newline || following ? "\n" : ""}${following}`;
      const found = heredocTo(file, script, target);
      expect(found).toEqual({
        opening: ahead.length,
        word: "EOF",
        start: start.length,
        end: start.length + text.length,
      });
      expect(run(script)).toEqual({ wrote: text });
    }),
    { numRuns: 60 },
  );
});

test("after a random typo it still is, or the script is refused", () => {
  const slip = fc.constantFrom(
    "'",
    '"',
    "\\",
    "`",
    "$(",
    ")",
    "$" + "{",
    "}",
    "#",
    "<<",
    "<<-",
    "\n",
    "\r",
    "\t",
    "EOF",
    "\nEOF\n",
    "$'",
    "((",
    "&&",
    ";",
    " ",
    "case a in ",
    " esac ",
    "{",
    "|",
  );
  let judged = 0;
  fc.assert(
    fc.property(
      noises,
      body,
      noises,
      fc.array(fc.tuple(slip, fc.nat(), fc.nat(2)), { minLength: 1, maxLength: 2 }),
      (ahead, text, following, slips) => {
        let script = `${ahead}${opening}\n${text}EOF\n${following}`;
        for (const [char, pick, drop] of slips) {
          const at = pick % script.length;
          script = script.slice(0, at) + char + script.slice(at + drop);
        }
        fc.pre(script.isWellFormed());
        const found = outcome(file, () => heredocTo(file, script, target));
        if (!("done" in found)) return;
        // Other commands may write to the target too: here only the heredoc writes to another file.
        const { opening: from, start, end } = found.done;
        const mine = script.slice(from, start).replace(target, "./mine");
        const { wrote } = run(script.slice(0, from) + mine + script.slice(start), "mine");
        if (wrote !== undefined) judged++;
        if (wrote !== undefined) expect(script.slice(start, end)).toBe(wrote);
      },
    ),
    { numRuns: 150 },
  );
  expect(judged, "scripts that bash could still run").toBeGreaterThan(20);
});

test("two heredocs for one file are refused at the second, anywhere in the script", () => {
  const form = fc.constantFrom(opening, `cat << X >> ${target}`, `tee "${target}" <<- 'X'`);
  fc.assert(
    fc.property(noises, noises, form, (ahead, between, second) => {
      const start = `${ahead}${opening}\nEOF\n${between}`;
      const word = second === opening ? "EOF" : "X";
      expect(outcome(file, () => heredocTo(file, `${start}${second}\n${word}\n`, target))).toEqual({
        at: spot(start, start.length),
        why: `a second heredoc writes to ${target}`,
      });
    }),
    { numRuns: 50 },
  );
});

for (const [what, text, at] of [
  ["whose tabs are not written", `:\ncat > ${target} <<- 'EOF'\n\ta\nEOF\n`, "2:1"],
  ["in which `$` expands", `:\n cat > ${target} << EOF\nEOF\n`, "2:1"],
  ["that is never closed", `:\n${opening}\n EOF\n`, "2:13"],
  ["with more code after its end word", `${opening} | cat\nEOF\n`, "1:1"],
  ["that ends with CRLF where it began without", `${opening}\na\nEOF\r\n`, "1:13"],
  ["in a longer command", `: &&\n${opening}\nEOF\n`, "2:1"],
  ["in a script with a NUL byte", `:\n:\0\n${opening}\nEOF\n`, "2:2"],
  ["whose end word can't be read", `cat > ${target} << EO$x\nE\nEO$x\n`, "1:13"],
  ["of an empty script", "", "1:1"],
  ["after an unclosed quote", `: "a\n${opening}\nEOF\n`, "1:3"],
] as const)
  test(`a heredoc ${what} is refused at its position`, () => {
    expect(outcome(file, () => heredocTo(file, text, target))).toMatchObject({ at });
  });

test("with CRLF line endings the end word includes the \\r, as in bash", () => {
  const script = `:\n${opening}\r\na\nEOF\nEOF\r\n`;
  const { start, end } = heredocTo(file, script, target);
  expect(script.slice(start, end)).toBe("a\nEOF\n");
  expect(run(script).wrote).toBe("a\nEOF\n");
});

test("code and text are distinguished as bash does", () => {
  fc.assert(
    fc.property(noises, noises, fc.nat(), (ahead, following, pick) => {
      const script = `${ahead}${following}`;
      const { lines, heredocs } = readScript(file, script);
      const line = lines[pick % lines.length];
      if (!line) throw new Error("a script has a line");
      // An extra parenthesis is a syntax error in code, and an extra command is not.
      expect(wellFormed(`${script.slice(0, line.start)})\n${script.slice(line.start)}`)).toBe(false);
      for (const { end, quoted } of heredocs)
        if (quoted) expect(wellFormed(`${script.slice(0, end)})\n${script.slice(end)}`)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("a command is inserted before and after a line of code without breaking the script", () => {
  fc.assert(
    fc.property(
      noises,
      noises,
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      (ahead, following, ending, cut) => {
        // CRLF in a neighbouring comment must not give the inserted command a CRLF.
        const script = `#${ending}${ahead}: here\n${following}#${ending}${cut ? ":" : ""}`;
        const { start } = anchor(file, script, /^: here$/, "the place");
        expect(start).toBe(1 + ending.length + ahead.length);
        for (const insert of [linesBefore, linesAfter]) {
          const changed = insert(script, start, ["if :; then", "    :", "fi"]);
          expect(onlyInserted(script, changed)).toBe(true);
          expect(wellFormed(changed)).toBe(true);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("a function's body is complete, whatever text it contains", () => {
  const inside = noises.map((all) => all.replaceAll("\n}\n; fi", "\n; fi"));
  fc.assert(
    fc.property(noises, inside, noises, (ahead, own, following) => {
      const start = `${ahead}the_one() {\n`;
      const script = `${start}${own}:\n}\n${following}`;
      const found = functionBody(file, script, "the_one");
      expect(found).toEqual({ start: start.length, end: start.length + own.length + 2 });
      const twice = outcome(file, () => functionBody(file, `${script}the_one() {\n:\n}\n`, "the_one"));
      expect(twice).toEqual({ at: spot(script, script.length), why: "a second function the_one" });
    }),
    { numRuns: 100 },
  );
});

test("text in a comment, a quote or a heredoc is neither an anchor nor found by says()", () => {
  fc.assert(
    fc.property(noises, noises, (ahead, following) => {
      const hidden = `# the place\n: '\nthe place\n'\n: << X\nthe place\nX\n`;
      const script = `${hidden}${ahead}the place\n${following}`;
      expect(anchor(file, script, /^the place$/, "the place").start).toBe(hidden.length + ahead.length);
      expect(
        outcome(file, () => anchor(file, `${hidden}${ahead}`, /^the place$/, "the place")),
      ).toHaveProperty("at", "1:1");
      expect(says(file, script, "the place")).toBe(true);
      expect(says(file, `# the place\n: << X\nthe place\nX\n${ahead}`, "the place")).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test("a statement that continues on the next line is refused as an anchor", () => {
  for (const more of [" \\\n:", " 'a\nb'", " &&\n:", ' "$(\n:)"', " << X\nX"])
    expect(outcome(file, () => anchor(file, `:\n: here${more}\n`, /^: here/, "the place"))).toEqual({
      at: "2:1",
      why: "the place continues on the next line",
    });
});

test("lines are inserted next to the line at the offset", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(""), fc.stringMatching(/^\t{0,2}[a-z]{0,3}$/)), { minLength: 2 }),
      fc.oneof(fc.constant(0), fc.nat()),
      (lines, pick) => {
        const text = lines.join("\n");
        const at = pick % (text.length + 1);
        const number = text.slice(0, at).split("\n").length - 1;
        const holds = lines[number] ?? "";
        const added = `${/^\t*/.exec(holds)?.[0]}NEW`;
        expect(linesBefore(text, at, ["NEW"])).toBe(lines.toSpliced(number, 0, added).join("\n"));
        if (!(text.endsWith("\n") && at === text.length))
          expect(linesAfter(text, at, ["NEW"])).toBe(lines.toSpliced(number + 1, 0, added).join("\n"));
      },
    ),
  );
});

test("substitutions may have thousands of levels", () => {
  for (const [open, close] of [
    ["$(", ")"],
    ['"$(', ')"'],
    ["(", ")"],
    ["$" + "{x:-", "}"],
  ] as const) {
    const text = `: ${open.repeat(20_000)}:${close.repeat(20_000)}\n`;
    const { lines } = readScript(file, `${text}:\n`);
    expect(lines.map(({ start }) => start)).toEqual([0, text.length, text.length + 2]);
    expect(outcome(file, () => readScript(file, text.replace(close, "")))).toHaveProperty("at");
  }
});

test("10 MB are read in seconds", () => {
  const one = `echo "it's" # << 'EOF'\ncat << 'EOF' > "$x"\n${"text of a heredoc\n".repeat(20)}EOF\n`;
  const text = `${one.repeat(25_000)}${opening}\na\nEOF\n`;
  expect(text.length).toBeGreaterThan(10_000_000);
  const took = seconds(() => {
    expect(heredocTo(file, text, target).end).toBe(text.length - 4);
    expect(says(file, text, "nothing of the kind")).toBe(false);
  });
  expect(took).toBeLessThan(10);
});
