import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { DigestSource, LeftOut, Sighting } from './model.ts';

const Name = z.object({ id: z.number(), text: z.string() });
const Row = z.object({
  run: z.string(),
  content: z.string().nullable(),
  started: z.string(),
  board: z.string(),
  environment: z.string(),
  results: z.string(),
  why: z.string(),
});
const Problem = z.object({ folder: z.string(), why: z.string() });
const Why = z.string().nullable();

// A copied folder holds the same run again: the first by name speaks for it.
const FIRST = `SELECT MIN(folder) FROM run WHERE problem IS NULL GROUP BY name`;

const OF_CELL = `
SELECT run.name AS run, run.content AS content, run.started AS started, at.text AS board, env.text AS environment,
  res.text AS results, why.text AS why
FROM cell
  JOIN run ON run.id = cell.run
  JOIN board ON board.run = cell.run AND board.name = cell.board
  JOIN name AS at ON at.id = cell.board
  JOIN value AS env ON env.id = board.environment
  JOIN value AS res ON res.id = cell.results
  JOIN value AS why ON why.id = cell.why
WHERE cell.name = ? AND run.folder IN (${FIRST})
ORDER BY board, started, run`;

/** All that runs say of the wanted cells: by cell, then by board, then by time. */
export function readSightings<R, E>(
  db: DatabaseSync,
  source: DigestSource<R, E>,
  wanted: (cell: string) => boolean,
): Sighting<R, E>[] {
  const results = reader(source.results);
  const environment = reader(source.environment);
  const reason = reader(Why);
  const names = z.array(Name).parse(db.prepare('SELECT id, text FROM name ORDER BY text').all());
  const ofCell = db.prepare(OF_CELL);
  return names
    .filter(({ text }) => wanted(text))
    .flatMap(({ id, text: cell }) =>
      z
        .array(Row)
        .parse(ofCell.all(id))
        .map((row) => ({
          run: row.run,
          content: row.content,
          startedAt: row.started,
          board: row.board,
          cell,
          environment: environment(row.environment),
          results: results(row.results),
          why: reason(row.why),
        })),
    );
}

/** Folders without a run that can be read, by name. */
export function readLeftOut(db: DatabaseSync): LeftOut[] {
  const rows = db
    .prepare(
      `SELECT folder, COALESCE(problem, 'holds the run ' || name || ', as another folder does') AS why
       FROM run WHERE folder NOT IN (${FIRST}) ORDER BY folder`,
    )
    .all();
  return z.array(Problem).parse(rows);
}

/** Checks each text once: thousands of sightings share a few. */
function reader<T>(schema: z.ZodType<T>): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = schema.parse(JSON.parse(text));
    known.set(text, value);
    return value;
  };
}
