/** What the program's exit code says. Where several fit, the first of these counts. */
export const EXIT = {
  /** Somebody stopped it (Ctrl-C, SIGTERM). */
  interrupted: 130,
  /** Bad usage, or a file that is not right. */
  usage: 2,
  /** The lab failed: a board unreachable or lost, a program missing. */
  lab: 3,
  /** A cell is not as expected. */
  unexpected: 1,
  ok: 0,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
