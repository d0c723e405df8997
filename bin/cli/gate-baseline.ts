import { closeSync, openSync, writeSync } from 'node:fs';
import { type Position, UserError } from '../../devices/problem.ts';
import {
  BaselineBuilder,
  BaselineCell,
  BaselineHeader,
  baselineLines,
} from '../../reports/gate/baseline.ts';
import { GATE_SCHEMA, type GateSide } from '../../reports/gate/model.ts';
import { eachLine } from '../../runners/host/each-line.ts';
import { cannotWrite } from './output.ts';

/** A baseline file as a side to compare with. @throws UserError with file:line:column. */
export function readBaseline(path: string): GateSide {
  let builder: BaselineBuilder | null = null;
  const cut = readLines(path, (line, number) => {
    const value = parseJson(line, path, number);
    if (!builder) builder = new BaselineBuilder(headerOf(value, line, path));
    else addCell(builder, value, line, { file: path, line: number, column: 1 });
  });
  return finished(builder, cut, path);
}

function finished(builder: BaselineBuilder | null, cut: number, path: string): GateSide {
  const start = { file: path, line: 1, column: 1 };
  if (!builder) throw wrong('the file is empty', start);
  if (cut > 0) throw wrong(`its last line is cut: ${cut} bytes without a line end`, start);
  const short = builder.short();
  if (short)
    throw wrong(
      `this line says ${short.wanted} cells of ${short.board}, and ${short.found} are there`,
      start,
    );
  return builder.side();
}

function readLines(path: string, see: (line: string, number: number) => void): number {
  try {
    return eachLine(path, see);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError({
      code: 'file',
      message: `${path}: cannot be read: ${why}`,
      hint: 'name a file that --write-baseline wrote',
      cause,
    });
  }
}

function parseJson(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    const column = Number(/position (\d+)/.exec(why)?.[1] ?? 0) + 1;
    throw wrong('this is not JSON', { file: path, line: number, column });
  }
}

function headerOf(value: unknown, line: string, path: string): BaselineHeader {
  const found = versionOf(value);
  if (found !== GATE_SCHEMA)
    throw new UserError({
      code: 'run-version',
      message:
        found === undefined
          ? 'the first line of a baseline has a schema version; this one has none'
          : `this baseline is of schema ${found}; this bufmatrix reads ${GATE_SCHEMA}`,
      at: { file: path, line: 1, column: columnOf(line, ['schema']) },
      hint: 'name a file that --write-baseline wrote, or write it again with this bufmatrix',
    });
  const parsed = BaselineHeader.safeParse(value);
  if (!parsed.success) throw notAsSchema(parsed.error.issues, line, path, 1);
  const names = new Set<string>();
  const twice = parsed.data.boards.find(({ board }) => names.size === names.add(board).size);
  if (twice)
    throw wrong(`the board ${twice.board} is there twice`, {
      file: path,
      line: 1,
      column: columnOf(line, ['boards']),
    });
  return parsed.data;
}

function addCell(builder: BaselineBuilder, value: unknown, line: string, at: Position): void {
  const parsed = BaselineCell.safeParse(value);
  if (!parsed.success) throw notAsSchema(parsed.error.issues, line, at.file, at.line);
  const problem = builder.add(parsed.data);
  if (problem) throw wrong(problem.what, { ...at, column: columnOf(line, [problem.key]) });
}

const versionOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;

function notAsSchema(
  issues: readonly { readonly path: PropertyKey[]; readonly message: string }[],
  line: string,
  file: string,
  number: number,
): UserError {
  const [issue] = issues;
  const keys = issue?.path.map(String) ?? [];
  const what = issue ? `${keys.join('.')}: ${issue.message}` : 'not as expected';
  return wrong(what, { file, line: number, column: columnOf(line, keys) });
}

/** Where the innermost of these keys begins that the line has, from 1. */
function columnOf(line: string, keys: readonly string[]): number {
  let at = 0;
  for (const key of keys) {
    const next = line.indexOf(JSON.stringify(key), at);
    if (next >= 0) at = next;
  }
  return at + 1;
}

function wrong(message: string, at: Position): UserError {
  return new UserError({
    code: 'foreign-record',
    message,
    at,
    hint: 'mend the line, or write the baseline again with --write-baseline; the file was not changed',
  });
}

/** Lines that are put into one write(2). */
const BATCH = 1000;

/** Writes a baseline file, over what was there. @throws UserError with the file and the reason. */
export function writeBaseline(path: string, side: GateSide): void {
  try {
    const fd = openSync(path, 'w');
    try {
      let batch: string[] = [];
      const flush = () => {
        writeSync(fd, batch.map((line) => `${line}\n`).join(''));
        batch = [];
      };
      for (const line of baselineLines(side)) if (batch.push(line) === BATCH) flush();
      flush();
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw cannotWrite(path, errno, cause);
  }
}
