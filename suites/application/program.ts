import type { SuiteName } from '../cell.ts';
import type { ApplicationFacts } from './facts.ts';

/** What a program is asked to show. */
export interface Task {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** The kernel's name of the display's driver; null: it only captures, and shows nothing. */
  readonly display: string | null;
}

/** How a program is started: no shell sees any of it. */
export interface Start {
  readonly argv: string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What is left of a program that has ended. */
export interface Output {
  readonly exitCode: number;
  /** What it printed on both streams. */
  readonly lines: readonly string[];
  /** The kernel's log of that time, with the DRM core's debug lines (drm-log.ts). */
  readonly kernelLog: readonly string[];
}

/** What can be read from a program's output. */
export type Reading = Pick<ApplicationFacts, 'provider' | 'buffers' | 'shown' | 'evidence'>;

/** A real program that allocates buffers by a policy of its own and gives them to somebody. */
export interface Program {
  readonly name: string;
  readonly policy: string;
  /** The suite whose cells say what it has to expect of whom it gives its buffers to. */
  readonly suite: SuiteName;
  /** Whether it is a client of a compositor. */
  readonly needsCompositor: boolean;
  /** Absolute paths and contents of files that it has to find on the board. */
  readonly files: Readonly<Record<string, string>>;
  readonly versionCommand: readonly string[];
  /** @throws Error when the text is not what that command prints. */
  readVersion(text: string): string;
  start(task: Task): Start;
  /**
   * Pure.
   * @throws Error when the output does not say what it should: then nothing is known, and no facts
   * are made up.
   */
  read(output: Output): Reading;
}
