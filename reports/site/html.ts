// HTML as a template in which every value is escaped: markup comes only from the source itself.
import { clean } from "../formats/words.ts";

/** Markup that needs no more escaping. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Value = Html | string | number | undefined | readonly Value[];

/** `html\`<p>${text}</p>\``: text is escaped, and a character that can't be seen is shown by its code. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.reduce((all, part, at) => `${all}${shown(values[at - 1])}${part}`));
}

function shown(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(shown).join("");
  return escaped(String(value));
}

const signs: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string) => clean(text).replaceAll(/[&<>"']/g, (sign) => signs[sign] ?? sign);
