import { test } from '@japa/runner';
import fc from 'fast-check';
import { isLeanRecord } from './lean-record.ts';
import { CellRecord } from './record.ts';

const record = (): CellRecord => ({
  schema: 1,
  board: 'desk',
  cell: 'kms-primary/udmabuf/kms:vc4/NV12/640x480/0x0',
  suite: 'kms-primary',
  backend: 'udmabuf',
  importer: { kind: 'kms', driver: 'vc4', node: '/dev/dri/card0' },
  format: 'NV12',
  width: 640,
  height: 480,
  modifier: '0x0',
  outcome: 'refused',
  stage: 'prime-import',
  errno: 'EINVAL',
  reason: 'no',
  lucky: false,
  attempt: 1,
  us: 10,
  stages: [
    { name: 'alloc', side: 'exporter', result: 'ok', errno: null, us: 1 },
    {
      name: 'prime-import',
      side: 'importer',
      result: 'failed',
      errno: 'EINVAL',
      us: 1,
      detail: '',
    },
  ],
  buffer: {
    size: 4096,
    strides: [640],
    offsets: [0],
    modifier: null,
    segments: 1,
    longestRun: 4096,
    exporter: 'udmabuf',
  },
  verify: {
    compared: 2,
    wrong: 1,
    tolerance: 0,
    control: 'ok',
    first: { x: 0, y: 0, expected: 'a', got: 'b' },
  },
  memory: null,
  kernelLog: ['line'],
  end: { kind: 'died', signal: 'SIGKILL', code: null },
  heldBy: null,
  stderr: [],
  at: '2026-11-25T12:00:00.000Z',
});

/** What no verdict hangs on, and so may be anything. */
const UNSEEN =
  /^(outcome|stage|errno|reason|lucky|us|memory|at)$|^importer\.node$|^buffer\.(?!exporter$)/;

/** Where every value of a record is, as dotted paths. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  const own = path.length ? [path] : [];
  if (typeof value !== 'object' || value === null) return own;
  return [...own, ...Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]))];
}

/** The record with something else in one place. */
function changed(path: readonly string[], to: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(record()));
  let at: unknown = copy;
  for (const key of path.slice(0, -1))
    if (typeof at === 'object' && at !== null) at = Reflect.get(at, key);
  if (typeof at === 'object' && at !== null) Reflect.set(at, path.at(-1) ?? '', to);
  return copy;
}

test.group('lean records', () => {
  test('the quick check lets through what the whole one does, and nothing else that it sees', ({
    assert,
  }) => {
    assert.isTrue(isLeanRecord(record()));
    const values = fc.constantFrom<unknown>(
      ...[null, '', 'ok', 'EINVAL', '0x1', '0x', 0, -1, 1.5, 1, true, {}, [], [1], ['a'], [null]],
    );
    const paths = pathsOf(record()).filter((path) => !UNSEEN.test(path.join('.')));
    fc.assert(
      fc.property(fc.constantFrom(...paths), values, (path, to) => {
        const value = changed(path, to);
        // An array's element may be gone, where only holes are seen: JSON has none.
        const asRead: unknown = JSON.parse(JSON.stringify(value));
        const whole = CellRecord.safeParse(asRead);
        const wrong = whole.error?.issues.filter(({ path: at }) => !UNSEEN.test(at.join('.')));
        assert.equal(isLeanRecord(asRead), !wrong?.length, `${path.join('.')}: ${String(to)}`);
      }),
      { numRuns: 3000 },
    );
  });

  test('every way to end is let through, and no other', ({ assert }) => {
    for (const end of [
      { kind: 'done' },
      { kind: 'died', signal: null, code: 70 },
      { kind: 'deadline', limitMs: 10, stuck: true },
      { kind: 'board-lost', why: 'x' },
      { kind: 'never', why: 'x' },
    ])
      assert.isTrue(isLeanRecord({ ...record(), end }), end.kind);
    for (const end of [{ kind: 'over' }, { kind: 'never' }, { kind: 'deadline', limitMs: 1 }, null])
      assert.isFalse(isLeanRecord({ ...record(), end }));
  });
});
