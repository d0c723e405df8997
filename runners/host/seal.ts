import { createHash } from 'node:crypto';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type Problem, shownPath, UserError } from '../../devices/problem.ts';
import { experimentsFile, recordsFile, runFile } from './run-files.ts';

/** SHA-256 of a run's files, in sha256sum's own form: `sha256sum -c SHA256SUMS` checks them. */
export const sealFile = (folder: string): string => join(folder, 'SHA256SUMS');

/** All that a run is; whatever else lies in its folder is made from them. */
const FILES = [runFile, recordsFile, experimentsFile] as const;

/** What a run's files are worth as evidence. */
export interface Seal {
  /**
   * The content's id, the same wherever the run is copied to: `sha256:` and the hash of SHA256SUMS in
   * hex. Null where that is missing: the run did not come to its end, or is from before it was written.
   */
  readonly content: string | null;
  /** Files that are no longer what the run has left. */
  readonly changed: readonly string[];
}

/** Writes the sums of a run that has ended. Nothing may be written into it afterwards. */
export function seal(folder: string): void {
  const path = sealFile(folder);
  const next = `${path}.new`;
  writeFileSync(next, sumsOf(folder), { flush: true });
  renameSync(next, path);
}

/** Takes the sums away, before a run is gone on with. */
export function unseal(folder: string): void {
  rmSync(sealFile(folder), { force: true });
}

/** Reads all of the run's files, 1 s for 1.3 GB. */
export const sealOf = (folder: string): Seal => watchSeal(folder)();

/**
 * To be called before the first of a run's files is read.
 * @returns what to ask when the last one has been read. Of a run that was written to in the meantime
 *   nothing is known.
 */
export function watchSeal(folder: string): () => Seal {
  const before = sealText(folder);
  return () => {
    if (before === null) return NOT_SEALED;
    const now = sumsOf(folder);
    if (sealText(folder) !== before) return NOT_SEALED;
    return { content: contentOf(before), changed: differing(before, now) };
  };
}

const NOT_SEALED: Seal = { content: null, changed: [] };

/** Names of files whose sums are not the same in both, or in one of them only. */
function differing(left: string, now: string): string[] {
  const linesOf = (sums: string) => sums.split('\n').filter((line) => line !== '');
  const [before, after] = [linesOf(left), linesOf(now)];
  if (!before.some((line) => LINE.test(line))) return ['SHA256SUMS'];
  const lines = [
    ...before.filter((line) => !after.includes(line)),
    ...after.filter((line) => !before.includes(line)),
  ];
  // A line that is none of sha256sum's is a change of that file itself.
  return [...new Set(lines.map((line) => LINE.exec(line)?.[1] ?? 'SHA256SUMS'))].sort();
}

/** @throws UserError where files of a run are not what it has left. */
export function refuseChanged(folder: string, changed: Seal['changed']): void {
  if (changed.length) throw new UserError({ code: 'run-changed', ...changeOf(folder, changed) });
}

/** What is wrong with a run whose files have changed, and what to do. */
export function changeOf(folder: string, changed: Seal['changed']): Problem {
  const are = changed.length === 1 ? 'is' : 'are';
  return {
    message: `${shownPath(folder)}: ${changed.join(' and ')} ${are} not what the run has left`,
    hint: `restore what was changed; if it was meant, remove ${basename(sealFile(folder))} there, and the run counts as one without sums`,
  };
}

/** What a run may be named by, in the place of its folder: the first 8 or more digits will do. */
const CONTENT = /^sha256:[0-9a-f]{8,64}$/;

/**
 * The folder of the run with that content; of copies, one that is whole. Null where the name is none
 * of a content.
 * @throws UserError where no run below `out` has it, or several different ones begin so.
 */
export function folderOfContent(name: string, out: string): string | null {
  if (!CONTENT.test(name)) return null;
  const found = foldersOf(out).flatMap((folder) => {
    const content = contentIn(folder);
    return content?.startsWith(name) ? [{ folder, content }] : [];
  });
  const contents = new Set(found.map(({ content }) => content));
  if (contents.size !== 1) throw notOne(name, out, contents.size);
  const [first, ...copies] = found;
  // All of a run has to be read for that.
  const whole = copies.length && found.find(({ folder }) => sealOf(folder).changed.length === 0);
  return (whole || first)?.folder ?? null;
}

const notOne = (name: string, out: string, runs: number) =>
  new UserError({
    code: 'no-run',
    message:
      runs === 0
        ? `no run in ${out} has the content ${name}`
        : `the contents of ${runs} runs in ${out} begin with ${name}`,
    hint:
      runs === 0
        ? 'name the folder that holds the runs with --out; a run that did not come to its end has no such id'
        : 'write more of its digits',
  });

/** Null also of a folder that somebody else keeps to himself. */
function contentIn(folder: string): string | null {
  try {
    const sums = sealText(folder);
    return sums === null ? null : contentOf(sums);
  } catch {
    return null;
  }
}

const LINE = /^[0-9a-f]{64} {2}(.+)$/;

function sumsOf(folder: string): string {
  const lines = FILES.map((of) => of(folder)).map((path) => {
    const sum = unlessMissing(() => sumOf(path));
    return sum === null ? '' : `${sum}  ${basename(path)}\n`;
  });
  return lines.join('');
}

/** A piece at a time: a run may be larger than memory. */
function sumOf(path: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(1 << 20);
  const fd = openSync(path, 'r');
  try {
    for (let size = readSync(fd, piece); size > 0; size = readSync(fd, piece))
      hash.update(piece.subarray(0, size));
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}

const contentOf = (sums: string) => `sha256:${createHash('sha256').update(sums).digest('hex')}`;

const sealText = (folder: string): string | null =>
  unlessMissing(() => readFileSync(sealFile(folder), 'utf8'));

function unlessMissing<T>(body: () => T): T | null {
  try {
    return body();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function foldersOf(out: string): string[] {
  try {
    return readdirSync(out)
      .map((name) => join(resolve(out), name))
      .sort();
  } catch {
    return [];
  }
}
