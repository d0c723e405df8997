import { readFileSync, statSync } from 'node:fs';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { errorOf, type Position, type Problem, UserError, type UserErrorCode } from './problem.ts';

/** A YAML file's value, and where in the file each part of it stands. */
export interface YamlFile {
  readonly path: string;
  readonly value: unknown;
  /** The deepest part of the path that the file has; for `key`, the key itself. */
  locate(path: readonly PropertyKey[], key?: string): Position;
  /** The scalar's text as it was written (`6.10`, which YAML makes 6.1), or undefined. */
  source(path: readonly PropertyKey[]): string | undefined;
  /** The scalar's value, or undefined where there is none. */
  at(path: readonly PropertyKey[]): unknown;
  /** Whether the file has anything at that path. */
  has(path: readonly PropertyKey[]): boolean;
}

/** Profiles are a few KiB; this is a bound against mistakes, and against slow parsing. */
const MAX_BYTES = 1024 * 1024;
/** Aliases may make a small file expand to a huge value. */
const MAX_ALIASES = 100;

/** Reads a YAML file. @throws UserError with every syntax error, or why it cannot be read. */
export function readYaml(path: string, code: UserErrorCode): YamlFile {
  return parseYaml(readText(path), path, code);
}

/** The same for text that is at hand. `path` is only for messages. */
export function parseYaml(text: string, path: string, code: UserErrorCode): YamlFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const position = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = [...document.errors, ...document.warnings].map((fault) => ({
    message: oneLine(fault.message),
    hint: fault.code === 'DUPLICATE_KEY' ? 'keep one of the two' : 'correct the YAML there',
    at: position(fault.pos[0]),
  }));
  // Nesting deeper than the parser's stack gives one error a level.
  const problems = [...faults.slice(0, 20), ...aliasProblems(document, position)];
  if (problems.length) throw errorOf(code, problems);
  const value = toValue(document, position, code);
  if (value === null || value === undefined)
    throw new UserError({
      code,
      message: 'the file is empty',
      hint: 'start from one of the files that come with bufmatrix',
      at: position(0),
    });
  return {
    path,
    value,
    locate: (where, key) => position(offsetOf(document, where, key)),
    source: (where) => {
      const { node, found } = walk(document, where);
      return found === where.length && isScalar(node) ? node.source : undefined;
    },
    at: (where) => {
      const { node, found } = walk(document, where);
      return found === where.length && isScalar(node) ? node.value : undefined;
    },
    has: (where) => walk(document, where).found === where.length,
  };
}

function readText(path: string): string {
  try {
    const size = statSync(path).size;
    if (size > MAX_BYTES)
      throw new UserError({
        code: 'file',
        message: `${path}: the file has ${size} bytes; at most ${MAX_BYTES} are read`,
        hint: 'name a board profile or lab file',
      });
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const why = cause instanceof TypeError ? 'it is not UTF-8 text' : reasonOf(cause);
    const message = `${path}: the file cannot be read: ${why}`;
    throw new UserError({ code: 'file', message, hint: 'name a YAML file that is there', cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read',
};

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  return REASONS[code] ?? code;
}

/** An alias without its anchor is in neither errors nor warnings. */
function aliasProblems(document: Document, position: (offset: number) => Position): Problem[] {
  const problems: Problem[] = [];
  if (document.errors.length) return problems;
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document)) return;
      problems.push({
        message: `*${alias.source} names an anchor that is not set before it`,
        hint: `write the value out, or set &${alias.source} further up`,
        at: position(alias.range?.[0] ?? 0),
      });
    },
  });
  return problems;
}

function toValue(
  document: Document,
  position: (offset: number) => Position,
  code: UserErrorCode,
): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw new UserError({
      code,
      message: `the file's aliases cannot be resolved: ${oneLine(String(cause))}`,
      hint: 'write the values out instead of using aliases',
      at: position(0),
      cause,
    });
  }
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replace(/[.:]+\s*$/, '');

/** Follows a path as far as the file goes, through aliases. */
function walk(
  document: Document,
  path: readonly PropertyKey[],
): { node: Node | null; found: number } {
  const resolve = (value: unknown): Node | null => {
    if (isAlias(value)) return value.resolve(document) ?? null;
    return isNode(value) ? value : null;
  };
  let node = resolve(document.contents);
  for (const [index, step] of path.entries()) {
    let next: Node | null = null;
    if (isMap(node)) {
      const pair = node.items.find((item) => keyText(item.key) === String(step));
      // A key without a value (`title:`) is there; its place is the key's.
      if (pair) next = resolve(pair.value) ?? (isNode(pair.key) ? pair.key : null);
    } else if (isSeq(node) && typeof step === 'number') next = resolve(node.items[step]);
    if (!next) return { node, found: index };
    node = next;
  }
  return { node, found: path.length };
}

const keyText = (key: unknown): string => String(isScalar(key) ? key.value : key);

function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  const { node, found } = walk(document, path);
  if (key !== undefined && isMap(node)) {
    const pair = node.items.find((item) => keyText(item.key) === key);
    if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
  }
  // Missing: the key that leads to the parent is the place to look at, not the parent's first key.
  if (found < path.length && found > 0) {
    const parent = walk(document, path.slice(0, found - 1)).node;
    const name = path[found - 1];
    const pair = isMap(parent)
      ? parent.items.find((item) => keyText(item.key) === String(name))
      : undefined;
    if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
  }
  return node?.range?.[0] ?? 0;
}
