import { IMPORTER_KINDS, SUITES } from './cell.ts';
import type { JudgedFacts } from './judge.ts';
import { type BufferFacts, type CellRecord, SCHEMA_VERSION, SIDES, STAGES } from './record.ts';

/**
 * What of a record a verdict, luck and a cell's name hang on. Checking all of a record takes several
 * times as long as parsing it, which counts where there are a million of them.
 */
export interface LeanRecord
  extends JudgedFacts,
    Pick<
      CellRecord,
      'board' | 'suite' | 'backend' | 'format' | 'width' | 'height' | 'modifier' | 'attempt'
    > {
  readonly importer: Pick<NonNullable<CellRecord['importer']>, 'kind' | 'driver'> | null;
  readonly buffer: Pick<BufferFacts, 'exporter'> | null;
}

const KINDS: ReadonlySet<unknown> = new Set(IMPORTER_KINDS);
const SUITE_NAMES: ReadonlySet<unknown> = new Set(SUITES);
const STAGE_NAMES: ReadonlySet<unknown> = new Set(STAGES);
const SIDE_NAMES: ReadonlySet<unknown> = new Set(SIDES);
const RESULTS: ReadonlySet<unknown> = new Set(['ok', 'failed', 'wrong', 'unsupported', 'entered']);
const CONTROLS: ReadonlySet<unknown> = new Set(['ok', 'wrong', 'none']);
const MODIFIER = /^0x[0-9a-f]{1,16}$/;

/**
 * Whether a line's value is a record of this version in all that {@link LeanRecord} has. Fields that
 * no verdict hangs on (times, memory, the lines of `reason`) are not looked at.
 */
export function isLeanRecord(value: unknown): value is LeanRecord {
  if (!isObject(value)) return false;
  const { importer, buffer, modifier } = value;
  return (
    value['schema'] === SCHEMA_VERSION &&
    isText(value['board']) &&
    isText(value['cell']) &&
    SUITE_NAMES.has(value['suite']) &&
    isText(value['backend']) &&
    isText(value['format']) &&
    Number.isInteger(value['width']) &&
    Number.isInteger(value['height']) &&
    (modifier === null || (isText(modifier) && MODIFIER.test(modifier))) &&
    isCount(value['attempt']) &&
    value['attempt'] > 0 &&
    (importer === null ||
      (isObject(importer) && KINDS.has(importer['kind']) && isText(importer['driver']))) &&
    (buffer === null || (isObject(buffer) && isTextOrNull(buffer['exporter']))) &&
    Array.isArray(value['stages']) &&
    value['stages'].every(isStage) &&
    isEnd(value['end']) &&
    (value['verify'] === null || isVerify(value['verify'])) &&
    isTexts(value['kernelLog']) &&
    isTexts(value['stderr']) &&
    isTextOrNull(value['heldBy'])
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isTextOrNull = (value: unknown) => value === null || isText(value);
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function isStage(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { detail } = value;
  return (
    STAGE_NAMES.has(value['name']) &&
    SIDE_NAMES.has(value['side']) &&
    RESULTS.has(value['result']) &&
    isTextOrNull(value['errno']) &&
    isCount(value['us']) &&
    (detail === undefined || isText(detail))
  );
}

function isVerify(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { first } = value;
  return (
    isCount(value['compared']) &&
    isCount(value['wrong']) &&
    isCount(value['tolerance']) &&
    CONTROLS.has(value['control']) &&
    (first === undefined ||
      (isObject(first) &&
        Number.isInteger(first['x']) &&
        Number.isInteger(first['y']) &&
        isText(first['expected']) &&
        isText(first['got'])))
  );
}

function isEnd(value: unknown): boolean {
  if (!isObject(value)) return false;
  switch (value['kind']) {
    case 'done':
      return true;
    case 'died':
      return (
        isTextOrNull(value['signal']) && (value['code'] === null || Number.isInteger(value['code']))
      );
    case 'deadline':
      return Number.isInteger(value['limitMs']) && typeof value['stuck'] === 'boolean';
    case 'board-lost':
    case 'never':
      return isText(value['why']);
    default:
      return false;
  }
}
