import type { Readable, Writable } from 'node:stream';

/** A file that travels to the board: either its bytes, or a path on the host to read it from. */
export interface TravellingFile {
  /** Relative, below the folder it is put into. */
  readonly path: string;
  readonly content: Uint8Array | { readonly file: string };
  readonly executable: boolean;
}

/** What a short command on the board came to. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that keeps running on the board. It ends when its stdin does. */
export interface BoardProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when it has ended; never rejects. `transport` when the way to the board broke. */
  readonly ended: Promise<{ code: number | null; stderr: string; transport: boolean }>;
  kill(): void;
}

/** A way into one board. Three kinds implement it: local, ssh, virtual (which is ssh). */
export interface Session {
  /** What to call it in messages: `ssh://pi@rpi4:22`, `local`. */
  readonly target: string;
  /** Runs a command to its end. Arguments reach it as they are, never through a shell's eyes. */
  exec(argv: readonly string[], timeoutMs?: number): Promise<CommandResult>;
  start(argv: readonly string[]): BoardProcess;
  /** Puts files into a folder on the board. @returns bytes that went over. */
  put(files: readonly TravellingFile[], folder: string): Promise<number>;
  close(): Promise<void>;
}

/** Opens sessions to one board; asked again after a loss. */
export interface Transport {
  readonly target: string;
  open(signal: AbortSignal): Promise<Session>;
  /** Takes down what the transport itself brought up (a virtual board). */
  dispose(): Promise<void>;
}

/** The way to the board failed, as opposed to something on the board: exit code 3. */
export class TransportError extends Error {
  /** Trying again can help (refused, timed out); a wrong host key cannot. */
  readonly transient: boolean;
  constructor(message: string, transient: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransportError';
    this.transient = transient;
  }
}
