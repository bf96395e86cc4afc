// Files that a shell script writes with a heredoc: path, text, and the line of the script where the text begins.

export interface Heredoc {
  /** The file that it is written to. */
  readonly to: string;
  /** The text that will be written. */
  readonly text: string;
  /** The script's line that holds the first line of `text`, from 1. */
  readonly line: number;
  /** The shell expands variables or commands in it, so its text is known only when it runs. */
  readonly expands: boolean;
}

/** `cat > FILE <<WORD`, `cat <<WORD > FILE` and `tee FILE <<WORD`, with their quoted and `<<-` forms. */
export function heredocs(script: string): Heredoc[] {
  const lines = script.split("\n");
  const found: Heredoc[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const [, dash, quote, word] = /^[^#]*<<(-?)\s*(['"\\]?)(\w+)\2?/.exec(line) ?? [];
    if (word === undefined) continue;
    const body = lines.slice(at + 1);
    const end = body.findIndex((each) => (dash ? each.replace(/^\t+/, "") : each) === word);
    if (end < 0) return found;
    const to = /(?:>\s*|\btee\s+(?:-a\s+)?)(["']?)(\/[^\s"'<>|;&]+)\1/.exec(line)?.[2];
    if (to !== undefined) {
      const raw = body.slice(0, end).map((each) => (dash ? each.replace(/^\t+/, "") : each));
      found.push({ to, line: at + 2, ...written(`${raw.join("\n")}\n`, quote !== "") });
    }
    at += end + 1;
  }
  return found;
}

function written(text: string, quoted: boolean): Pick<Heredoc, "text" | "expands"> {
  if (quoted) return { text, expands: false };
  const expands = /(?<!\\)(?:\$[\w{(]|`)/.test(text);
  return { text: text.replace(/\\([$`\\])/g, "$1"), expands };
}
