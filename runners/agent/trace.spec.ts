import { test } from '@japa/runner';
import { SIDES, STAGES, type StageFact } from '../../suites/record.ts';
import { CellLadder } from './ladder.ts';
import { readTrace, TRACE_BYTES, Trace } from './trace.ts';

const BUFFER = {
  size: 8192,
  strides: [256],
  offsets: [0],
  modifier: '0x0',
  segments: 2,
  longestRun: 4096,
  exporter: 'udmabuf',
};

test('a page tells the ladder up to the stage in which the process ended', ({ assert }) => {
  const page = Buffer.alloc(TRACE_BYTES);
  const trace = new Trace(page);
  trace.begin(7, 1000);
  trace.enter('open', 'exporter', 5);
  trace.leave({ name: 'open', side: 'exporter', result: 'ok', errno: null, us: 11 });
  trace.node('/dev/dri/card1');
  trace.buffer(BUFFER);
  trace.enter('egl-image', 'importer', 30);
  trace.note('modifier 0x0\nsecond line');
  const read = readTrace(page, 100.4);
  assert.deepEqual(read, {
    turn: 7,
    seq: 1000,
    stages: [
      { name: 'open', side: 'exporter', result: 'ok', errno: null, us: 11 },
      {
        name: 'egl-image',
        side: 'importer',
        result: 'entered',
        errno: null,
        us: 70,
        detail: 'modifier 0x0\nsecond line',
      },
    ],
    node: '/dev/dri/card1',
    buffer: BUFFER,
    verify: null,
  });
});

test('a new cell forgets the one before, and no cell is null', ({ assert }) => {
  const page = Buffer.alloc(TRACE_BYTES);
  assert.isNull(readTrace(page, 1));
  const trace = new Trace(page);
  trace.begin(0, -1);
  trace.enter('open', 'importer', 0);
  trace.buffer(BUFFER);
  trace.begin(1, 5);
  assert.deepEqual(readTrace(page, 1), {
    turn: 1,
    seq: 5,
    stages: [],
    node: null,
    buffer: null,
    verify: null,
  });
});

test('every stage of either side has its number in the page', ({ assert }) => {
  const page = Buffer.alloc(TRACE_BYTES);
  const trace = new Trace(page);
  trace.begin(0, -1);
  const facts = SIDES.flatMap((side) =>
    STAGES.map((name, us): StageFact => ({ name, side, result: 'ok', errno: null, us })),
  );
  for (const fact of facts) {
    trace.enter(fact.name, fact.side, 0);
    trace.leave(fact);
  }
  assert.deepEqual(readTrace(page, 1)?.stages, facts);
});

test('a full page loses what does not fit and stays readable', ({ assert }) => {
  const page = Buffer.alloc(TRACE_BYTES);
  const ladder = new CellLadder(new Trace(page));
  new Trace(page).begin(0, -1);
  for (let turn = 0; turn < 300; turn++)
    ladder.stage('open', () => ladder.note('\u00fc'.repeat(500)));
  const stages = readTrace(page, 1)?.stages ?? [];
  assert.isAbove(stages.length, 100);
  assert.isTrue(stages.every((stage) => stage.name === 'open' && stage.result === 'ok'));
});
