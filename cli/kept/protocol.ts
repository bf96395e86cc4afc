// The protocol between a command and the keeper of a stand-in: one JSON document per line, over a socket.
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { compile, parseJson } from "../../fixtures/schema.ts";
import { type StateName, stateNames } from "../../fixtures/standin/states.ts";

/**
 * `lease`: use the stand-in in this state exclusively until the connection ends; after a command that `acts`, the state is
 * restored. `reset`: restore the state. `stop`: remove the stand-in and end the keeper.
 */
export type Request =
  | {
      readonly ask: "lease" | "reset";
      readonly state: StateName;
      readonly builder: string;
      readonly acts: boolean;
    }
  | { readonly ask: "stop" };

/** How to reach a leased stand-in. */
export interface Leased {
  /** Its run folder, with the inventory and a folder for each phase. */
  readonly run: string;
  readonly browser: { readonly executable: string; readonly certutil: string };
}

/** The keeper's answers to a request: any number of `say`, then one of the others. */
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

/** The requests of a connection, until it ends. @throws BadInput for an invalid line. */
export async function* requests(socket: Socket): AsyncGenerator<Request> {
  for await (const line of linesOf(socket)) yield asRequest(parseJson(line, "request"), { file: "request" });
}

/** The keeper's answers, until the connection ends. @throws BadInput for an invalid line. */
export async function* answers(socket: Socket): AsyncGenerator<Answer> {
  for await (const line of linesOf(socket)) yield asAnswer(parseJson(line, "answer"), { file: "answer" });
}

/** Writes one line. If the peer is gone, this does nothing: the reader sees the end of the connection. */
export function tell(socket: Socket, message: Request | Answer): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}
