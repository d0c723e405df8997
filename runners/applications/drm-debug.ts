import { randomUUID } from 'node:crypto';
import { DRM_DEBUG_BITS } from '../../suites/application/drm-log.ts';
import type { Session } from '../transports/session.ts';
import { must } from './command.ts';

const PARAMETER = '/sys/module/drm/parameters/debug';
const BEGIN = 'cat "$0"; echo "$1" >/dev/kmsg && echo "$2" >"$0"';
const END = 'echo "$1" >"$0"; dmesg';

/**
 * Does something while the DRM core writes down every call, and gives what the kernel log then has.
 * Cheap: under a tracer cam takes 33 s instead of 2 on an emulated board.
 * Root only.
 */
export async function withDrmDebug<T>(
  session: Session,
  body: () => Promise<T>,
): Promise<{ result: T; kernelLog: string[] }> {
  const mark = `bufmatrix: ${randomUUID()}`;
  const bits = String(DRM_DEBUG_BITS);
  const before = (await must(session, ['sh', '-c', BEGIN, PARAMETER, mark, bits])).trim();
  let log: string[] = [];
  let result: T;
  try {
    result = await body();
  } finally {
    log = (await must(session, ['sh', '-c', END, PARAMETER, before])).split('\n');
  }
  const from = log.findIndex((line) => line.endsWith(mark));
  if (from < 0) throw new Error(`${session.target}: the kernel log overran; its ring is too small`);
  return { result, kernelLog: log.slice(from + 1).filter(Boolean) };
}
