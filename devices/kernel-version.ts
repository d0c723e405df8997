/**
 * Kernel releases as `uname -r` prints them, and ranges of them. Not semver: a vendor's suffix is
 * no pre-release, and only `-rcN` comes before the release of the same number.
 */
export interface KernelVersion {
  readonly numbers: readonly [number, number, number];
  /** 3 of `6.12.0-rc3`; null for a release. */
  readonly rc: number | null;
}

// Fedora writes 6.12.0-0.rc3.…, Debian's packages 6.12~rc3.
const RELEASE = /^(\d{1,5})\.(\d{1,5})(?:\.(\d{1,5}))?(?:(?:[-~]|-0\.)rc(\d{1,4})(?![0-9]))?/;

/** The version in a kernel release: `6.12.94`, `6.12.0-rc3`, `5.10.160-rockchip-rk3588`; else null. */
export function parseKernelVersion(release: string): KernelVersion | null {
  const match = RELEASE.exec(release);
  if (!match) return null;
  const [, major, minor, patch = '0', rc] = match;
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    rc: rc === undefined ? null : Number(rc),
  };
}

/** What one word of a range, such as `>=6.17`, asks for. Numbers left out match any. */
interface Bound {
  /** Whether an order (negative: before the bound, 0: at it) will do. */
  readonly holds: (order: number) => boolean;
  readonly numbers: readonly number[];
  readonly rc: number | null;
}

const OPERATORS: ReadonlyMap<string, Bound['holds']> = new Map([
  ['<', (order: number) => order < 0],
  ['<=', (order: number) => order <= 0],
  ['>', (order: number) => order > 0],
  ['>=', (order: number) => order >= 0],
  ['=', (order: number) => order === 0],
]);

const BOUND = /^(<=|>=|<|>|=)?(\d{1,5}(?:\.\d{1,5}){0,2})(?:-rc(\d{1,4}))?$/;

function parseBound(word: string): Bound | null {
  const match = BOUND.exec(word);
  if (!match) return null;
  const [, operator = '=', numbers = '', rc] = match;
  const holds = OPERATORS.get(operator);
  if (!holds) return null;
  return {
    holds,
    numbers: numbers.split('.').map(Number),
    rc: rc === undefined ? null : Number(rc),
  };
}

/** The bounds of a range such as `>=6.17 <7`, all of which must hold; null when it is none. */
export function parseRange(range: string): readonly Bound[] | null {
  const words = range.trim().split(/\s+/);
  const bounds = words.map(parseBound).filter((bound) => bound !== null);
  return bounds.length === words.length ? bounds : null;
}

/**
 * Before, at or after the bound, by the numbers that the bound gives: 6.17.3 is at 6.17, and
 * 6.17.0-rc2 is before it.
 */
function compare(version: KernelVersion, bound: Bound): number {
  for (const [index, number] of bound.numbers.entries()) {
    const difference = (version.numbers[index] ?? 0) - number;
    if (difference !== 0) return difference;
  }
  const rest = version.numbers.slice(bound.numbers.length);
  const isFirst = rest.every((number) => number === 0);
  if (bound.rc === null) return isFirst && version.rc !== null ? -1 : 0;
  if (!isFirst || version.rc === null) return 1;
  return version.rc - bound.rc;
}

/** Whether a version lies in a range. False for a release or range that cannot be read. */
export function inRange(release: string, range: string): boolean {
  const version = parseKernelVersion(release);
  const bounds = parseRange(range);
  if (!version || !bounds) return false;
  return bounds.every((bound) => bound.holds(compare(version, bound)));
}
