import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../devices/problem.ts';
import { experimentsFile, recordsFile, runFile } from '../host/run-files.ts';
import { sealFile } from '../host/seal.ts';

/** A folder among the results, which may hold a run. */
export interface RunFolder {
  /** Its name below the results. */
  readonly name: string;
  readonly path: string;
  /** Changes whenever one of the run's files does. */
  readonly stamp: string;
}

/** All folders below `out`, by name. @throws UserError where `out` cannot be read. */
export function runFolders(out: string): RunFolder[] {
  return names(out).map((name) => {
    const path = join(out, name);
    const stamp = [runFile, recordsFile, experimentsFile, sealFile]
      .map((of) => stampOf(of(path)))
      .join(' ');
    return { name, path, stamp };
  });
}

function names(out: string): string[] {
  try {
    return readdirSync(out, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (cause) {
    throw new UserError({
      code: 'no-run',
      message: `${out}: there are no runs to be read`,
      hint: 'name the folder that holds them with --out',
      cause,
    });
  }
}

/** Changes whenever the file does. Size alone would miss a line that was changed; times alone, two writes within one tick. */
export function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(':') : '-';
}
