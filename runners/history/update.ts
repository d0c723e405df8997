import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { DigestSource, RunDigest } from './model.ts';
import type { RunFolder } from './run-folders.ts';
import { numbersOf } from './tables.ts';

const Row = z.object({ id: z.number(), folder: z.string(), stamp: z.string() });

/** Makes the index say what the folders hold now: only those that are new or changed are read. */
export function updateIndex<R, E>(
  db: DatabaseSync,
  folders: readonly RunFolder[],
  source: DigestSource<R, E>,
): void {
  const stamps = new Map(folders.map(({ name, stamp }) => [name, stamp]));
  const rows = z.array(Row).parse(db.prepare('SELECT id, folder, stamp FROM run').all());
  const stale = rows.filter(({ folder, stamp }) => stamps.get(folder) !== stamp);
  forget(db, stale);
  const gone = new Set(stale.map(({ folder }) => folder));
  const kept = new Set(rows.flatMap(({ folder }) => (gone.has(folder) ? [] : [folder])));
  const write = writer(db);
  for (const folder of folders) if (!kept.has(folder.name)) write(folder, digestOf(folder, source));
}

function forget(db: DatabaseSync, rows: readonly { id: number }[]): void {
  for (const table of ['cell', 'board', 'run']) {
    const remove = db.prepare(`DELETE FROM ${table} WHERE ${table === 'run' ? 'id' : 'run'} = ?`);
    for (const { id } of rows) remove.run(id);
  }
}

/** A run that cannot be read is remembered with its reason, so that it is not read each time. */
function digestOf<R, E>(
  { path }: RunFolder,
  source: DigestSource<R, E>,
): RunDigest<R, E> | { problem: string } {
  try {
    return source.read(path);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function writer(db: DatabaseSync) {
  const name = numbersOf(db, 'name');
  const value = numbersOf(db, 'value');
  const addRun = db.prepare(
    'INSERT INTO run (folder, stamp, name, content, started, problem) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const addBoard = db.prepare('INSERT INTO board VALUES (?, ?, ?)');
  const addCell = db.prepare('INSERT INTO cell VALUES (?, ?, ?, ?, ?)');
  const json = (one: unknown) => value(JSON.stringify(one));
  return <R, E>(
    { name: folder, stamp }: RunFolder,
    digest: RunDigest<R, E> | { problem: string },
  ) => {
    if ('problem' in digest)
      return void addRun.run(folder, stamp, null, null, null, digest.problem);
    const { id, content, startedAt, boards } = digest;
    const run = addRun.run(folder, stamp, id, content, startedAt, null).lastInsertRowid;
    for (const { board, environment, cells } of boards) {
      const at = name(board);
      addBoard.run(run, at, json(environment));
      for (const { cell, results, why } of cells)
        addCell.run(name(cell), at, run, json(results), json(why));
    }
  };
}
