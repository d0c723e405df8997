import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../devices/problem.ts';
import type { DigestSource, LeftOut, Sighting } from './model.ts';
import { readLeftOut, readSightings } from './query.ts';
import { type RunFolder, runFolders } from './run-folders.ts';
import { openDatabase } from './sqlite.ts';
import { prepareTables } from './tables.ts';
import { updateIndex } from './update.ts';

/** How long another bufmatrix that brings the index up to date is waited for, in ms. */
const BUSY_MS = 10_000;
/** SQLITE_BUSY of sqlite3.h: somebody else has it, and it is not broken. */
const BUSY = 5;

/** What runs say of cells, oldest run first, and the folders that say nothing. */
export interface Seen<R, E> {
  readonly sightings: Sighting<R, E>[];
  readonly leftOut: LeftOut[];
}

/**
 * What all runs below `out` say of some cells, by an index that is brought up to date first. The runs'
 * own files are the truth: an index that is broken, foreign or outdated is made anew without a word,
 * and where none can be kept, it is made in memory.
 * @param file where the index is kept.
 * @throws UserError where `out` cannot be read.
 */
export function seenCells<R, E>(
  out: string,
  file: string,
  source: DigestSource<R, E>,
  wanted: (cell: string) => boolean,
): Seen<R, E> {
  const folders = runFolders(out);
  const ask = (path: string) => {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    return withIndex(path, folders, source, wanted);
  };
  try {
    return ask(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (!isBusy(error)) removeIndex(file);
  }
  try {
    return ask(file);
  } catch {
    return ask(':memory:');
  }
}

function withIndex<R, E>(
  path: string,
  folders: readonly RunFolder[],
  source: DigestSource<R, E>,
  wanted: (cell: string) => boolean,
): Seen<R, E> {
  const db = openDatabase(path);
  try {
    // It can be made again at any time: to wait for the disk would be for nothing.
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA synchronous = OFF; BEGIN IMMEDIATE`);
    prepareTables(db, source.version);
    updateIndex(db, folders, source);
    const seen = ask(db, source, wanted);
    db.exec('COMMIT');
    return seen;
  } finally {
    db.close();
  }
}

const ask = <R, E>(
  db: DatabaseSync,
  source: DigestSource<R, E>,
  wanted: (cell: string) => boolean,
): Seen<R, E> => ({
  sightings: readSightings(db, source, wanted),
  leftOut: readLeftOut(db),
});

const isBusy = (error: unknown) =>
  error instanceof Error && 'errcode' in error && error.errcode === BUSY;

/** With what SQLite leaves beside it; where it cannot be removed, the next try says so. */
function removeIndex(file: string): void {
  for (const end of ['', '-journal', '-wal', '-shm'])
    try {
      rmSync(`${file}${end}`, { force: true });
    } catch {}
}
