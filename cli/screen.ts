// The terminal that a command writes to: what it prints, and one live line below that, which never mixes with it.
import { printable } from "../fixtures/printable.ts";
import { visible } from "../fixtures/visible.ts";

/** Where text goes. */
export interface Out {
  write(text: string): unknown;
  readonly columns?: number | undefined;
}

const erase = "\r\u001b[K";

/** A live line on `err`, and the functions that print without damaging it. Both outputs may be the same terminal. */
export class Screen {
  readonly #out: Out;
  readonly #err: Out;
  #text = "";
  #drawn = "";
  #held = 0;
  /** The last text had no line end: a live line would be glued to it. */
  #open = false;

  constructor(out: Out, err: Out) {
    this.#out = out;
    this.#err = err;
  }

  readonly print = (text: string): void => this.#above(this.#out, text);
  readonly printError = (text: string): void => this.#above(this.#err, text);

  show(text: string): void {
    this.#text = text;
    this.#draw();
  }

  hold(): () => void {
    this.#held += 1;
    this.#draw();
    return () => {
      this.#held -= 1;
      this.#draw();
    };
  }

  #above(to: Out, text: string): void {
    this.#clear();
    to.write(printable(text));
    if (text !== "") this.#open = !text.endsWith("\n");
    this.#draw();
  }

  #draw(): void {
    const hidden = this.#held > 0 || this.#open || this.#text === "";
    // A terminal of unknown width says 0.
    const wanted = hidden ? "" : cut(this.#text, (this.#err.columns || 80) - 1);
    if (wanted === this.#drawn) return;
    if (wanted === "") this.#clear();
    else this.#err.write(`${erase}${wanted}`);
    this.#drawn = wanted;
  }

  #clear(): void {
    if (this.#drawn !== "") this.#err.write(erase);
    this.#drawn = "";
  }
}

/** One line that is not longer than the terminal is wide: a longer one would not be erased as a whole. */
function cut(text: string, width: number): string {
  const points = [...visible(text.replaceAll(/\s+/g, " ").replace(/^ /, "  "))];
  return points.length <= width ? points.join("") : `${points.slice(0, Math.max(0, width - 1)).join("")}…`;
}
