import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../../devices/problem.ts';
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

/** Takes the sums away, before a run is gone on with. @throws UserError where its files have changed. */
export function breakSeal(folder: string): void {
  refuseChanged(folder, sealOf(folder).changed);
  rmSync(sealFile(folder), { force: true });
}

/** Reads all of the run's files, 1 s for 1.3 GB. */
export function sealOf(folder: string): Seal {
  const sums = sealText(folder);
  if (sums === null) return { content: null, changed: [] };
  return { content: contentOf(sums), changed: differing(sums, sumsOf(folder)) };
}

/** Names of files whose sums are not the same in both, or in one of them only. */
function differing(left: string, now: string): string[] {
  const [before, after] = [left.split('\n'), now.split('\n')];
  const lines = [
    ...before.filter((line) => !after.includes(line)),
    ...after.filter((line) => !before.includes(line)),
  ];
  // A line that is none of sha256sum's is a change of that file itself.
  return [...new Set(lines.map((line) => LINE.exec(line)?.[1] ?? 'SHA256SUMS'))].sort();
}

/** @throws UserError where files of a run are not what it has left. */
export function refuseChanged(folder: string, changed: Seal['changed']): void {
  if (changed.length === 0) return;
  throw new UserError({
    code: 'run-changed',
    message: `${folder}: ${changedWords(changed)}`,
    hint: `restore what was changed; if it was meant, remove ${basename(sealFile(folder))} there, and the run counts as one without sums`,
  });
}

/** `records.ndjson is not what the run has left`. */
export const changedWords = (changed: readonly string[]): string =>
  `${changed.join(' and ')} ${changed.length === 1 ? 'is' : 'are'} not what the run has left`;

/** What a run may be named by, in the place of its folder: the first 8 or more digits will do. */
const CONTENT = /^sha256:[0-9a-f]{8,64}$/;

/**
 * The folder of the run with that content. Null where the name is none of a content.
 * @throws UserError where no run below `out` has it, or several different ones begin so.
 */
export function folderOfContent(name: string, out: string): string | null {
  if (!CONTENT.test(name)) return null;
  const found = new Map<string, string>();
  for (const folder of foldersOf(out)) {
    const sums = sealText(folder);
    const content = sums === null ? null : contentOf(sums);
    // Of copies, the first by name will do.
    if (content?.startsWith(name) && !found.has(content)) found.set(content, folder);
  }
  const [folder, ...others] = found.values();
  if (folder !== undefined && others.length === 0) return folder;
  throw new UserError({
    code: 'no-run',
    message:
      folder === undefined
        ? `no run in ${out} has the content ${name}`
        : `the contents of ${found.size} runs in ${out} begin with ${name}`,
    hint:
      folder === undefined
        ? 'name the folder that holds the runs with --out; a run that did not come to its end has no such id'
        : 'write more of its digits',
  });
}

const LINE = /^[0-9a-f]{64} {2}(.+)$/;

function sumsOf(folder: string): string {
  const there = FILES.map((of) => of(folder)).filter((path) => existsSync(path));
  return there.map((path) => `${sumOf(path)}  ${basename(path)}\n`).join('');
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

function sealText(folder: string): string | null {
  const path = sealFile(folder);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

function foldersOf(out: string): string[] {
  if (!existsSync(out)) return [];
  const entries = readdirSync(out, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map(({ name }) => join(resolve(out), name)).sort();
}
