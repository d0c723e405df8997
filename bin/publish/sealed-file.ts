import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';

const HEX = 64;

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');

/**
 * What was kept in a file of the cache under this key; null where it is not there, is of another key,
 * or is not whole. The cache may be lost or damaged at any time, and that costs nothing but time.
 */
export function readSealed<T>(path: string, key: string, schema: z.ZodType<T>): T | null {
  try {
    const text = readFileSync(path, 'utf8');
    const body = text.slice(HEX);
    if (text.slice(0, HEX) !== sha256(key + body)) return null;
    return schema.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}

/** Keeps a value; where that is not possible, the next publish takes longer. */
export function writeSealed(path: string, key: string, value: unknown): void {
  const body = JSON.stringify(value);
  const fresh = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(fresh, sha256(key + body) + body);
    renameSync(fresh, path);
  } catch {
    // As after any other loss.
  }
}
