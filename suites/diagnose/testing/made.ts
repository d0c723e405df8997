import { type Cell, IMPORTER_KINDS, SUITES } from '../../cell.ts';
import { toRecord } from '../../judge.ts';
import type { BufferFacts, CellFacts, CellRecord, StageFact, StageName } from '../../record.ts';
import type { Variation } from '../../variation.ts';
import type { ExperimentRecord, Question } from '../experiment.ts';

function oneOf<T extends string>(known: readonly T[], text: string): T {
  const found = known.find((each) => each === text);
  if (found === undefined) throw new RangeError(`${text} is none of ${known.join(', ')}`);
  return found;
}

/** A cell by its id: `kms-primary/udmabuf/kms:vc4/NV12/640x480/0x0`. @throws RangeError */
export function cellOf(id: string): Cell {
  const [suite = '', backend = '', taker = '', format = '', size = '', modifier = ''] =
    id.split('/');
  const [kind = '', driver = ''] = taker.split(/:(.*)/s);
  const [width = 0, height = 0] = size.split('x').map(Number);
  const parts = {
    suite: oneOf(SUITES, suite),
    backend,
    importer: taker === '-' ? null : { kind: oneOf(IMPORTER_KINDS, kind), driver },
    format,
    width,
    height,
    modifier: modifier === '-' ? null : modifier,
  };
  return { id, ...parts };
}

export const ok = (name: StageName, side: StageFact['side'] = 'importer'): StageFact => ({
  name,
  side,
  result: 'ok',
  errno: null,
  us: 1,
});

export const failed = (
  name: StageName,
  errno: string | null,
  more: Partial<StageFact> = {},
): StageFact => ({ ...ok(name), result: 'failed', errno, ...more });

export const bufferOf = (more: Partial<BufferFacts> = {}): BufferFacts => ({
  size: 1_228_800,
  strides: [2560],
  offsets: [0],
  modifier: '0x0',
  segments: null,
  longestRun: null,
  exporter: null,
  ...more,
});

/** A record of what no virtual board shows: written by hand, judged as any other. */
export function made(id: string, stages: StageFact[], more: Partial<CellFacts> = {}): CellRecord {
  const cell = cellOf(id);
  const facts: CellFacts = {
    cell: id,
    attempt: 1,
    node: null,
    end: { kind: 'done' },
    stages,
    buffer: bufferOf(),
    verify: null,
    memory: null,
    kernelLog: [],
    us: 1,
    heldBy: null,
    stderr: [],
    ...more,
  };
  return toRecord('desk', cell, facts, new Date(0));
}

/** The same as an experiment. */
export const experiment = (
  question: Question,
  variation: Variation | null,
  record: CellRecord,
): ExperimentRecord => ({ ...record, question, variation, of: ['some'] });
