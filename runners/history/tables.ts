import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

/** Changes with the tables. */
const TABLES_VERSION = 2;

// Texts that come again and again (cell ids, results, reasons) are kept once: a line of `cell` is five
// small numbers.
const TABLES = `
CREATE TABLE version (text TEXT NOT NULL);
CREATE TABLE run (id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL,
  name TEXT, content TEXT, started TEXT, problem TEXT);
CREATE TABLE board (run INTEGER NOT NULL, name INTEGER NOT NULL, environment INTEGER NOT NULL,
  PRIMARY KEY (run, name)) WITHOUT ROWID;
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE value (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE cell (name INTEGER NOT NULL, board INTEGER NOT NULL, run INTEGER NOT NULL,
  results INTEGER NOT NULL, why INTEGER NOT NULL, PRIMARY KEY (name, board, run)) WITHOUT ROWID;
`;

const Version = z.object({ text: z.string() });
const Name = z.object({ name: z.string() });
const Id = z.object({ id: z.number() });

/** Whether the database has this version's tables, made by the same reader of runs. */
function isCurrent(db: DatabaseSync, version: string): boolean {
  const row = db.prepare('SELECT text FROM version').get();
  return Version.safeParse(row).data?.text === version;
}

/** Brings an empty or an outdated database to this version's tables; a current one is left as it is. */
export function prepareTables(db: DatabaseSync, source: string): void {
  const version = `${TABLES_VERSION} ${source}`;
  const names = z
    .array(Name)
    .parse(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all())
    .map(({ name }) => name);
  if (names.includes('version') && isCurrent(db, version)) return;
  for (const name of names) db.exec(`DROP TABLE "${name.replaceAll('"', '""')}"`);
  db.exec(TABLES);
  db.prepare('INSERT INTO version VALUES (?)').run(version);
}

/** Gives each text of a table one number. */
export function numbersOf(db: DatabaseSync, table: 'name' | 'value'): (text: string) => number {
  const find = db.prepare(`SELECT id FROM ${table} WHERE text = ?`);
  const add = db.prepare(`INSERT INTO ${table} (text) VALUES (?) RETURNING id`);
  const known = new Map<string, number>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const { id } = Id.parse(find.get(text) ?? add.get(text));
    known.set(text, id);
    return id;
  };
}
