import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { UserError } from '../../devices/problem.ts';
import { ExperimentRecord } from '../../suites/diagnose/experiment.ts';
import { CellRecord, SCHEMA_VERSION } from '../../suites/record.ts';
import { Run } from '../../suites/run.ts';

export const runFile = (folder: string): string => join(folder, 'run.json');
export const recordsFile = (folder: string): string => join(folder, 'records.ndjson');
export const experimentsFile = (folder: string): string => join(folder, 'experiments.ndjson');

/** Reads and checks run.json. @throws UserError with the file, and what to do. */
export function parseRun(folder: string): Run {
  const path = runFile(folder);
  const value = parseJson(readText(path), path, 1);
  checkVersion(value, path, 1);
  const parsed = Run.safeParse(value);
  if (parsed.success) return parsed.data;
  throw foreign(path, 1, firstIssue(parsed.error.issues));
}

export interface ParsedRecords<T = CellRecord> {
  readonly records: T[];
  /** Bytes up to and with the last whole line, and bytes of a line that was cut by a kill. */
  readonly wholeBytes: number;
  readonly cutBytes: number;
}

/**
 * Reads and checks records.ndjson line by line.
 * @param others boards whose lines are not looked at: somebody else reads those.
 * @throws UserError with file:line of a foreign line.
 */
export function parseRecords(path: string, others: Boards = NO_BOARDS): ParsedRecords {
  return parseLines(path, CellRecord, others);
}

/** The same of experiments.ndjson; a run without that file has made none. */
export function parseExperiments(
  path: string,
  others: Boards = NO_BOARDS,
): ParsedRecords<ExperimentRecord> {
  if (!existsSync(path)) return { records: [], wholeBytes: 0, cutBytes: 0 };
  return parseLines(path, ExperimentRecord, others);
}

type Boards = ReadonlySet<string>;
const NO_BOARDS: Boards = new Set();

/** How a line begins, as we write it. */
const LINE_OF_BOARD = /^\{"schema":\d+,"board":"([^"\\]*)",/;

const isOf = (line: string, boards: Boards): boolean =>
  boards.size > 0 && boards.has(LINE_OF_BOARD.exec(line)?.[1] ?? '');

function parseLines<T extends CellRecord>(
  path: string,
  schema: z.ZodType<T>,
  others: Boards,
): ParsedRecords<T> {
  const bytes = readBytes(path);
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, wholeBytes).toString('utf8').split('\n');
  const records: T[] = [];
  const seen = new Set<string>();
  lines.forEach((line, index) => {
    if (line === '' || isOf(line, others)) return;
    const record = parseLine(line, schema, path, index + 1);
    const key = `${record.board} ${record.cell} ${record.attempt}`;
    if (seen.has(key))
      throw foreign(path, index + 1, `${record.cell} has attempt ${record.attempt} twice`);
    seen.add(key);
    records.push(record);
  });
  return { records, wholeBytes, cutBytes: bytes.length - wholeBytes };
}

/** One line of records.ndjson, checked whole. @throws UserError with file:line. */
export const parseRecord = (line: string, path: string, number: number): CellRecord =>
  parseLine(line, CellRecord, path, number);

function parseLine<T>(line: string, schema: z.ZodType<T>, path: string, number: number): T {
  const value = parseJson(line, path, number);
  checkVersion(value, path, number);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw foreign(path, number, firstIssue(parsed.error.issues));
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new UserError({
      code: 'no-run',
      message: `${path}: cannot be read`,
      hint: `name a run's folder (one that holds ${basename(runFile(''))} and ${basename(recordsFile(''))})`,
      cause,
    });
  }
}

const readText = (path: string): string => readBytes(path).toString('utf8');

function parseJson(text: string, path: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw foreign(path, line, 'this is not JSON');
  }
}

function checkVersion(value: unknown, path: string, line: number): void {
  const version =
    typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (version === SCHEMA_VERSION) return;
  const found = version === undefined ? 'has no schema version' : `is of schema ${version}`;
  throw new UserError({
    code: 'run-version',
    message: `${path} ${found}; this bufmatrix reads schema ${SCHEMA_VERSION}`,
    at: { file: path, line, column: 1 },
    hint: 'read it with the bufmatrix that wrote it, or run the board again',
  });
}

/** That a line does not belong into the file. */
export function foreign(path: string, line: number, what: string): UserError {
  return new UserError({
    code: 'foreign-record',
    message: what,
    at: { file: path, line, column: 1 },
    hint: 'remove the line if it does not belong there; the file was not changed',
  });
}

function firstIssue(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  const issue = issues[0];
  return issue ? `${issue.path.map(String).join('.')}: ${issue.message}` : 'not as expected';
}
