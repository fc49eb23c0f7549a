// The errors a person can act on: what is wrong in one line, what to do in the next.
// Anything else that is thrown is a bug, and is shown as a stack.

export const exitCodes = { done: 0, failed: 1, usage: 2, diverged: 3, hungUp: 129, interrupted: 130, terminated: 143 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Those of a command that a signal ended. */
export const signalCodes = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated, SIGHUP: exitCodes.hungUp } as const;
export type Signal = keyof typeof signalCodes;

/** By the reason of an aborted AbortSignal, which is the signal's name. */
export function interruptedCode({ reason }: AbortSignal): ExitCode {
  return signalCodes[reason as Signal];
}

/** The run failed for a reason outside the program: bad data, a full disk, a check not passed. */
export class UserError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(message: string, hint?: string, exitCode: ExitCode = exitCodes.failed) {
    super(escapeControls(message));
    this.name = new.target.name;
    this.hint = hint === undefined ? undefined : escapeControls(hint);
    this.exitCode = exitCode;
  }

  /** The two lines that stderr shows. */
  report(): string {
    return this.hint === undefined ? this.message : `${this.message}\nhint: ${this.hint}`;
  }
}

/** The command line itself is wrong; names the flag. */
export class UsageError extends UserError {
  constructor(message: string, hint?: string) {
    super(message, hint, exitCodes.usage);
  }
}

/** Where in the input a value stands; line and column count from 1 (`column` is the cell, or the element in JSON). */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** A value in the input breaks a rule: `data.csv:7:3: token 91 is outside the vocabulary 0..63`. */
export class DataError extends UserError {
  readonly place: Place;

  constructor(place: Place, message: string, hint?: string) {
    const at = [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
    super(`${at}: ${message}`, hint);
    this.place = place;
  }
}

/** Shows a value from the input inside a message: quoted, escaped, shortened to 40 characters. */
export function quote(value: string): string {
  const characters = Array.from(value.slice(0, 100));
  const shown = characters.length > 40 ? `${characters.slice(0, 40).join('')}…` : value;
  return JSON.stringify(shown);
}

/** Characters that drive a terminal, do not show, or look like a space. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/g;

/** They become \xNN and \uNNNN, so that a hostile file or file name cannot drive the terminal, and what is wrong can be seen. */
function escapeControls(text: string): string {
  return text.replace(unseen, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** The code of a system error (`ENOENT`, `EPIPE`, …), or undefined for any other value. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}
