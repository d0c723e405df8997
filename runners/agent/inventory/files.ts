import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

/** A small file's text without its final newline and NUL; null where it is missing or closed to us. */
export function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').replace(/[\n\0]+$/, '');
  } catch {
    return null;
  }
}

/** A file that holds one number; null where it is missing or holds something else. */
export function numberOf(path: string): number | null {
  const text = textOf(path);
  const number = Number(text);
  return text === null || text === '' || Number.isNaN(number) ? null : number;
}

/** The strings of a device-tree property, which end in NUL; none where it is missing. */
export function stringsOf(path: string): string[] {
  const text = textOf(path);
  return text ? text.split('\0') : [];
}

/** A device-tree property that is one cell, a big-endian number of 32 bits; null for anything else. */
export function cellOf(path: string): number | null {
  try {
    const bytes = readFileSync(path);
    return bytes.length === 4 ? bytes.readUInt32BE() : null;
  } catch {
    return null;
  }
}

/** By what comes before the final number, then by that number. Intl's collator takes 20 ms to load. */
function naturally(a: string, b: string): number {
  const [[, stemA = '', numberA], [, stemB = '', numberB]] = [parts(a), parts(b)];
  if (stemA !== stemB) return stemA < stemB ? -1 : 1;
  return Number(numberA) - Number(numberB);
}

const parts = (name: string) => /^(.*?)(\d*)$/.exec(name) ?? [];

/** Names in a folder, in natural order (video2 before video10); none where it is missing. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort(naturally);
  } catch {
    return [];
  }
}

/** What a symlink says; null for anything else. */
export function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** The last part of what a symlink says: sysfs names a device's driver, bus and group so. */
export function linkName(path: string): string | null {
  const target = linkOf(path);
  return target === null ? null : basename(target);
}

/** Where a path leads, through all symlinks; null where it leads nowhere. */
export function realPathOf(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}
