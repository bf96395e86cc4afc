// What a definition of commands is made with.
import type { Command } from "commander";
import type { Detail, Progress } from "../../fixtures/progress.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";

/** What a command gets from the process that it runs in. */
export interface Services {
  readonly hostEnvironment: HostEnvironment;
  /** Goes to standard error, so that it never mixes with printed results. */
  readonly progress: Progress;
  /** Receives how much progress the command that runs shall show. */
  readonly show: (detail: Detail) => void;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

export interface Texts {
  /** One line, for the list of commands. */
  readonly summary: string;
  /** One or more sentences, for the help of the command itself. */
  readonly description: string;
  /** Left out of help and reference: not for users. */
  readonly hidden?: boolean;
}

export interface Define {
  readonly services: Services;
  /** Receives the exit code of the command that ran. */
  readonly end: (exitCode: number) => void;
  /** Adds a command whose errors point to its own help. `parent` is the program unless given. */
  readonly command: (name: string, texts: Texts, parent?: Command) => Command;
  /** Adds a command with the options that choose a target. */
  readonly onTarget: (name: string, texts: Texts, parent?: Command) => Command;
}
