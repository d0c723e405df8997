import { basename } from 'node:path';
import { SUITES, type SuiteName } from '../suites/cell.ts';
import { FORMATS, findFormat } from '../suites/formats.ts';
import { DEFAULT_SIZES, plan, SUITE_FORMATS, SUITE_IMPORTERS } from '../suites/plan.ts';
import { nextName } from './closest.ts';
import { type CellParts, listOf, SELECTOR_KEYS, selectorKeys, selects } from './expect.ts';
import { type Fault, fault } from './fault.ts';
import { globMatches } from './glob.ts';
import { backendsOf, importersOf, parseSize, planInput } from './planning.ts';
import type { Expectation, Profile } from './profile.ts';

/**
 * Everything that is wrong with a profile though its form is right.
 * @param file must carry the profile's name.
 * @param whole false when parts of the file could not be read and stand here as their defaults:
 *   selectors are then not held against the cells, which are not known.
 */
export function checkProfile(profile: Profile, file: string, whole = true): Fault[] {
  const twice = [...checkTwice(profile), ...checkOverlaps(profile)];
  return [
    ...checkName(profile, file),
    ...checkSuites(profile),
    ...twice,
    ...(whole && twice.length === 0 ? checkExpectations(profile) : []),
  ];
}

function checkName({ name }: Profile, file: string): Fault[] {
  const expected = basename(file).replace(/\.ya?ml$/, '');
  if (name === expected) return [];
  return [
    fault(
      ['name'],
      `the file is ${basename(file)}, so this must be ${expected}`,
      `write ${expected}, or rename the file`,
    ),
  ];
}

/** Entries that stand in a list twice would give cells with one id. */
function checkTwice({ devices, backends }: Profile): Fault[] {
  const twice = (path: readonly PropertyKey[], names: readonly string[]) =>
    names.flatMap((name, index) =>
      names.indexOf(name) === index
        ? []
        : [fault([...path, index], `${name} is in the list twice`, 'remove one of the two')],
    );
  const drivers = (list: readonly { driver: string }[]) => list.map(({ driver }) => driver);
  return [
    ...twice(['backends'], backends ?? []),
    ...twice(['devices', 'gpu'], drivers(devices.gpu)),
    ...twice(['devices', 'kms'], drivers(devices.kms)),
    ...twice(
      ['devices', 'encoder'],
      devices.encoder.map(({ kind, driver }) => `${kind} ${driver}`),
    ),
    ...twice(
      ['devices', 'heaps'],
      devices.heaps.map((heap) => (typeof heap === 'string' ? heap : heap.name)),
    ),
  ];
}

function checkSuites(profile: Profile): Fault[] {
  const { suites } = profile;
  if (!suites) return [];
  const kindsHere = importersOf(profile).map(({ kind }) => kind);
  return SUITES.flatMap((suite) => {
    const given = suites[suite];
    if (given === undefined) return [];
    const kinds = SUITE_IMPORTERS[suite];
    const faults = Array.isArray(given)
      ? given.flatMap((wish, index) => checkWish(profile, suite, wish, ['suites', suite, index]))
      : checkWish(profile, suite, given, ['suites', suite]);
    if (kinds.length && !kinds.some((kind) => kindsHere.includes(kind)))
      faults.push(
        fault(
          ['suites', suite],
          `the suite gives buffers to ${kinds.join(' or ')}, and the profile names no such device`,
          'name one under devices, or remove the suite',
        ),
      );
    return faults;
  });
}

interface Wish {
  readonly formats?: readonly string[] | undefined;
  readonly sizes?: readonly string[] | undefined;
}

function checkWish(
  { limits }: Profile,
  suite: SuiteName,
  wish: Wish,
  path: readonly PropertyKey[],
): Fault[] {
  const known = FORMATS.map(({ name }) => name);
  const faults: Fault[] = [];
  wish.formats?.forEach((name, index) => {
    if (!findFormat(name))
      faults.push(
        fault(
          [...path, 'formats', index],
          `unknown format ${name}; known: ${known.join(', ')}`,
          nextName(name, known),
        ),
      );
  });
  const formats = (wish.formats ?? SUITE_FORMATS[suite]).flatMap((name) => findFormat(name) ?? []);
  wish.sizes?.forEach((size, index) => {
    const { width, height } = parseSize(size);
    const bytes = formats.map(({ planes }) =>
      planes.reduce(
        (sum, { bytes, hsub, vsub }) => sum + (width * height * bytes) / hsub / vsub,
        0,
      ),
    );
    const most = Math.ceil(Math.max(0, ...bytes) / 2 ** 20);
    if (most > limits.bufferMiB)
      faults.push(
        fault(
          [...path, 'sizes', index],
          `a frame of ${size} takes ${most} MiB, and limits.bufferMiB is ${limits.bufferMiB}`,
          'raise the limit if the board can bear it, or choose a smaller size',
        ),
      );
  });
  return faults;
}

/** A format and size in two entries of one suite, or twice in one. */
function checkOverlaps({ suites = {} }: Profile): Fault[] {
  return SUITES.flatMap((suite) => {
    const seen = new Set<string>();
    const names = listOf<Wish>(suites[suite]).flatMap(({ formats, sizes }) =>
      (formats ?? SUITE_FORMATS[suite]).flatMap((format) =>
        (sizes ?? DEFAULT_SIZES.map(({ width, height }) => `${width}x${height}`)).map(
          (size) => `${format} in ${size}`,
        ),
      ),
    );
    const again = names.find((name) => seen.size === seen.add(name).size);
    if (again === undefined) return [];
    return [fault(['suites', suite], `${again} is asked for twice`, 'ask for it once')];
  });
}

/** Every cell that the profile can come to, with all heaps that it names on any kernel. */
function allCells(profile: Profile): CellParts[] {
  const heaps = profile.devices.heaps.map((heap) => (typeof heap === 'string' ? heap : heap.name));
  const input = planInput(profile, null, { board: profile.name });
  return plan({ ...input, backends: backendsOf(profile, heaps) }).cells;
}

function checkExpectations(profile: Profile): Fault[] {
  const cells = allCells(profile);
  const taken = new Set<CellParts>();
  return profile.expect.flatMap((entry, index) => {
    const path = ['expect', index];
    const faults = [
      ...checkOutcome(entry, path),
      ...checkMeasured(entry, path),
      ...checkPatterns(entry, cells, path),
    ];
    if (faults.length) return faults;
    const meant = cells.filter((cell) => selects(entry.cells, cell));
    if (meant.length === 0)
      return [
        fault(
          [...path, 'cells'],
          'no cell of this profile fits all of these keys at once',
          'see the cells with `bufmatrix run --dry-run`',
        ),
      ];
    const left = meant.filter((cell) => !taken.has(cell));
    if (left.length === 0)
      return [
        fault(
          [...path, 'cells'],
          'entries before this one take all of its cells; the first that fits counts',
          'move it further up, or remove it',
        ),
      ];
    if (entry.kernel === undefined && entry.mesa === undefined)
      for (const cell of meant) taken.add(cell);
    return [];
  });
}

function checkOutcome(
  { outcome, stage, errno, orLucky }: Expectation,
  path: readonly PropertyKey[],
): Fault[] {
  const outcomes = listOf(outcome);
  const onlyPass = outcomes.every((one) => one === 'pass');
  const faults: Fault[] = [];
  if (onlyPass && stage !== undefined)
    faults.push(fault([...path, 'stage'], 'a pass has no failing stage', 'remove the stage'));
  if (onlyPass && errno !== undefined)
    faults.push(fault([...path, 'errno'], 'a pass has no error', 'remove the errno'));
  if (orLucky && !outcomes.some((one) => one === 'pass' || one === 'refused'))
    faults.push(
      fault(
        [...path, 'orLucky'],
        'luck can only turn a refusal into a pass',
        'remove it, or let outcome be refused',
      ),
    );
  return faults;
}

/** `virtual-iommu, kernel 6.12.117`: without a board and a kernel nobody could measure it again. */
const SEEN_ON = /^[A-Za-z0-9][A-Za-z0-9_.-]*, kernel \d+\.\d+/;

function checkMeasured({ basis, source }: Expectation, path: readonly PropertyKey[]): Fault[] {
  if (basis !== 'measured' || listOf(source).some((text) => SEEN_ON.test(text))) return [];
  return [
    fault(
      [...path, 'source'],
      'what was measured was seen on a board and a kernel, and this names none',
      'write BOARD, kernel VERSION, or let basis be claimed',
    ),
  ];
}

/** A pattern that fits nothing is a misspelt name. */
function checkPatterns(
  entry: Expectation,
  cells: readonly CellParts[],
  path: readonly PropertyKey[],
): Fault[] {
  return selectorKeys.flatMap((key) => {
    const given = entry.cells[key];
    const known = [...new Set(cells.map((cell) => SELECTOR_KEYS[key](cell)))];
    return listOf(given).flatMap((pattern, index) => {
      if (known.some((name) => globMatches(pattern, name))) return [];
      const at = [...path, 'cells', key, ...(Array.isArray(given) ? [index] : [])];
      const what = `${pattern} fits no ${key} of this profile; it has ${known.join(', ')}`;
      return [fault(at, what, nextName(pattern, known))];
    });
  });
}
