import { test } from '@japa/runner';
import { StageFailure } from '../../suites/board.ts';
import { Errno } from '../../suites/kernel/errno.ts';
import { CellLadder } from './ladder.ts';
import { TRACE_BYTES, Trace } from './trace.ts';

const newLadder = () => new CellLadder(new Trace(Buffer.alloc(TRACE_BYTES)));
const fileError = Object.assign(new Error('ENOENT: no such file, open /x'), {
  code: 'ENOENT',
  syscall: 'open',
});

test('a failure ends the cell at its rung: {title}')
  .with([
    {
      title: 'a system call',
      error: new Errno('ioctl', 22),
      fact: { result: 'failed', errno: 'EINVAL', detail: 'ioctl: EINVAL' },
      heldBy: null,
    },
    {
      title: 'a file that is not there',
      error: fileError,
      fact: { result: 'failed', errno: 'ENOENT', detail: fileError.message },
      heldBy: null,
    },
    {
      title: 'a capability',
      error: new StageFailure('unsupported', null, 'R16 is not sampled here'),
      fact: { result: 'unsupported', errno: null, detail: 'R16 is not sampled here' },
      heldBy: null,
    },
    {
      title: 'a device that is held',
      error: new StageFailure('blocked', 'EACCES', 'no master', 'Xorg (pid 812)'),
      fact: { result: 'failed', errno: 'EACCES', detail: 'no master' },
      heldBy: 'Xorg (pid 812)',
    },
  ])
  .run(({ assert }, { error, fact, heldBy }) => {
    const ladder = newLadder();
    ladder.stage('open', () => 1);
    assert.throws(() =>
      ladder.stage('alloc', () => {
        throw error;
      }),
    );
    assert.isTrue(ladder.explains(error));
    const climb = ladder.end();
    assert.equal(climb.heldBy, heldBy);
    const [first, second] = climb.stages;
    assert.equal(first?.result, 'ok');
    assert.containsSubset(second, { name: 'alloc', ...fact });
  });

test('a bug of ours is no refusal', ({ assert }) => {
  const ladder = newLadder();
  const bug = new TypeError('undefined is not a function');
  assert.throws(() =>
    ladder.stage('open', () => {
      throw bug;
    }),
  );
  assert.isFalse(ladder.explains(bug));
  assert.deepEqual(ladder.end().stages, []);
});

test('wrong pixels make the rung that compared them wrong', ({ assert }) => {
  const ladder = newLadder();
  const verify = { compared: 100, wrong: 3, tolerance: 0, control: 'ok' as const };
  let error: unknown;
  try {
    ladder.stage('readback', () => ladder.verified(verify));
  } catch (caught) {
    error = caught;
  }
  assert.isTrue(ladder.explains(error));
  const climb = ladder.end();
  assert.deepEqual(climb.verify, verify);
  assert.equal(climb.stages[0]?.result, 'wrong');
});

test('clean-up runs last registered first, all of it, and hides no failure', ({ assert }) => {
  const ladder = newLadder();
  const order: number[] = [];
  ladder.cleanup(() => order.push(1));
  ladder.cleanup(() => {
    order.push(2);
    throw new Errno('close', 9);
  });
  ladder.cleanup(() => order.push(3));
  assert.throws(() =>
    ladder.stage('addfb2', () => {
      ladder.note('stride 2560');
      throw new Errno('ADDFB2', 22);
    }),
  );
  const [stage] = ladder.end().stages;
  assert.deepEqual(order, [3, 2, 1]);
  assert.equal(stage?.errno, 'EINVAL');
  assert.equal(stage?.detail, 'stride 2560; ADDFB2: EINVAL; clean-up: close: EBADF');
});

test('a rung says whose it is', ({ assert }) => {
  const ladder = newLadder();
  ladder.stage('open', () => 1);
  assert.throws(() =>
    ladder.as('exporter', () =>
      ladder.stage('alloc', () => {
        throw new Errno('ioctl', 12);
      }),
    ),
  );
  ladder.stage('map', () => 1);
  const sides = ladder.end().stages.map(({ name, side }) => `${name} ${side}`);
  assert.deepEqual(sides, ['open importer', 'alloc exporter', 'map importer']);
});

test('a stage inside a stage is a bug', ({ assert }) => {
  const ladder = newLadder();
  assert.throws(
    () => ladder.stage('open', () => ladder.stage('alloc', () => 1)),
    'stage alloc inside stage open',
  );
});
