import { VARIATIONS } from '../../suites/variation.ts';
import type { Request } from './protocol.ts';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

function isCell(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { id, suite, backend, importer, format, width, height, modifier, skip, variation } = value;
  return (
    [id, suite, backend, format].every((text) => typeof text === 'string') &&
    [width, height].every(isCount) &&
    [modifier, skip].every((text) => text === null || typeof text === 'string') &&
    (importer === null ||
      (isObject(importer) &&
        typeof importer['kind'] === 'string' &&
        typeof importer['driver'] === 'string')) &&
    (variation === undefined || VARIATIONS.some((known) => known === variation))
  );
}

function isPlan(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { repeat, limits, yuvTolerance, cells } = value;
  return (
    [repeat, yuvTolerance].every(isCount) &&
    isObject(limits) &&
    [limits['cellMs'], limits['bufferMiB']].every(isCount) &&
    typeof limits['modeset'] === 'boolean' &&
    Array.isArray(cells) &&
    cells.every(isCell)
  );
}

function isRequest(value: unknown): value is Request {
  if (!isObject(value)) return false;
  if (value['type'] === 'ping') return true;
  if (value['type'] === 'inventory')
    return Array.isArray(value['egl']) && value['egl'].every((name) => typeof name === 'string');
  if (value['type'] === 'heaps') return typeof value['exhaustCma'] === 'boolean';
  return (
    value['type'] === 'run' &&
    isPlan(value['plan']) &&
    isObject(value['done']) &&
    Object.values(value['done']).every(isCount) &&
    typeof value['kmsgMarkers'] === 'boolean' &&
    (value['budgetMs'] === undefined || isCount(value['budgetMs']))
  );
}

/**
 * One line from the host. The host's own schema has checked it before it left; this guards what the
 * agent leans on, without the second that zod would cost an emulated board at start-up.
 * @throws Error with what is wrong.
 */
export function parseRequest(line: string): Request {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`a request is not JSON: ${line.slice(0, 80)}`);
  }
  if (!isRequest(value)) throw new Error(`a request is not understood: ${line.slice(0, 80)}`);
  return value;
}
