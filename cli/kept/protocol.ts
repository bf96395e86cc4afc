// What a command and the keeper of a stand-in say to each other over the socket: a JSON document a line.
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { compile, parseJson } from "../../fixtures/schema.ts";
import { type StateName, stateNames } from "../../fixtures/standin/states.ts";

/**
 * `lease`: the stand-in in this state, for this connection alone until it ends; whoever `acts` on it has it brought back
 * afterwards. `reset`: back to the state. `stop`: give it back.
 */
export type Request =
  | {
      readonly ask: "lease" | "reset";
      readonly state: StateName;
      readonly builder: string;
      readonly acts: boolean;
    }
  | { readonly ask: "stop" };

/** What a leased stand-in is reached by. */
export interface Leased {
  /** Its run folder: the inventory, and a folder for each phase. */
  readonly run: string;
  readonly browser: { readonly executable: string; readonly certutil: string };
}

/** Any number of `say`, then one of the others. */
export type Answer =
  | { readonly say: string }
  | { readonly leased: Leased; readonly restored: readonly string[]; readonly ms: number }
  | { readonly stopped: true }
  | { readonly error: string; readonly exitCode: number };

const asRequest = compile<Request>("request to the keeper", {
  type: "object",
  required: ["ask"],
  properties: {
    ask: { enum: ["lease", "reset", "stop"] },
    state: { enum: stateNames },
    builder: { type: "string" },
    acts: { type: "boolean" },
  },
  if: { properties: { ask: { const: "stop" } } },
  else: { required: ["state", "builder", "acts"] },
  additionalProperties: false,
});
const asAnswer = compile<Answer>("answer of the keeper", {
  type: "object",
  properties: {
    say: { type: "string" },
    leased: {
      type: "object",
      required: ["run", "browser"],
      properties: {
        run: { type: "string" },
        browser: { type: "object", required: ["executable", "certutil"] },
      },
    },
    restored: { type: "array", items: { type: "string" } },
    ms: { type: "number" },
    stopped: { const: true },
    error: { type: "string" },
    exitCode: { type: "integer" },
  },
  oneOf: [
    { required: ["say"] },
    { required: ["leased", "restored", "ms"] },
    { required: ["stopped"] },
    { required: ["error", "exitCode"] },
  ],
});

const linesOf = (socket: Socket) => createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });

/** The requests of a connection, until it ends. @throws BadInput for a line that is none. */
export async function* requests(socket: Socket): AsyncGenerator<Request> {
  for await (const line of linesOf(socket)) yield asRequest(parseJson(line, "request"), { file: "request" });
}

/** The answers of the keeper, until it ends. @throws BadInput for a line that is none. */
export async function* answers(socket: Socket): AsyncGenerator<Answer> {
  for await (const line of linesOf(socket)) yield asAnswer(parseJson(line, "answer"), { file: "answer" });
}

/** Writes one line; a peer that is gone hears nothing, and its end is seen by whoever reads. */
export function tell(socket: Socket, message: Request | Answer): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}
