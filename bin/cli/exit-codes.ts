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

/**
 * The same as `git bisect run` reads it: 0 is a good commit, 125 one that cannot be told, above 127 ends
 * the bisection, and all else is a bad commit. Bad usage says nothing of a commit, so it ends it.
 */
export function bisectCode(code: ExitCode): number {
  if (code === EXIT.lab) return 125;
  return code === EXIT.usage ? 128 : code;
}
