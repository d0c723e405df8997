import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { stampOf } from '../../runners/history/run-folders.ts';
import { experimentsFile, parseRun, recordsFile, runFile } from '../../runners/host/run-files.ts';
import { sealFile } from '../../runners/host/seal.ts';
import { readSealed, writeSealed } from './sealed-file.ts';

/** Only what tells which boards a run has: a thousand plans are not to be checked for that. */
const Head = z.object({
  startedAt: z.string(),
  boards: z.array(z.object({ board: z.string(), profile: z.string() })),
});

/** A run's folder, and what of it has to be known before any of its records is read. */
export interface RunHead extends z.infer<typeof Head> {
  readonly folder: string;
  /** Changes whenever one of its files does. */
  readonly stamp: string;
}

const Kept = z.record(z.string(), Head.extend({ stamp: z.string() }));

/**
 * The heads of runs, in the order of their folders.
 * @param file where they are kept until a run's files change.
 * @throws UserError of a folder that holds no run.
 */
export function runHeads(folders: readonly string[], file: string): RunHead[] {
  const kept = readSealed(file, '', Kept) ?? {};
  const heads = folders.map((folder): RunHead => {
    const stamp = [runFile, recordsFile, experimentsFile, sealFile]
      .map((of) => stampOf(of(folder)))
      .join(' ');
    const before = Object.hasOwn(kept, folder) ? kept[folder] : undefined;
    return before?.stamp === stamp ? { ...before, folder } : { ...headOf(folder), folder, stamp };
  });
  const now = heads.map(({ folder, ...head }) => [folder, head] as const);
  if (heads.some(({ folder, stamp }) => kept[folder]?.stamp !== stamp))
    writeSealed(file, '', { ...kept, ...Object.fromEntries(now) });
  return heads;
}

function headOf(folder: string): z.infer<typeof Head> {
  try {
    return Head.parse(JSON.parse(readFileSync(runFile(folder), 'utf8')));
  } catch {
    // Which says what is wrong with it, and where.
    return parseRun(folder);
  }
}
