import type { DatabaseSync } from 'node:sqlite';

/**
 * Opens a database, or a new one in memory for the path `:memory:`. The module is asked for only here
 * and only now: Node warns that it is experimental, on stderr, of every command that imports it.
 */
export function openDatabase(path: string): DatabaseSync {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const { DatabaseSync: Database } = process.getBuiltinModule('node:sqlite');
    return new Database(path);
  } finally {
    process.emitWarning = emitWarning;
  }
}
