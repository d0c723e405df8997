import { test } from '@japa/runner';
import fc from 'fast-check';
import { type Cell, SUITES, type SuiteName } from './cell.ts';
import { factsOf, judge, toRecord } from './judge.ts';
import {
  type CellFacts,
  CellRecord,
  OUTCOMES,
  type StageFact,
  type StageName,
  type VerifyFacts,
} from './record.ts';
import { anyFacts } from './testing/arbitrary.ts';

/** What each suite's pass must rest on, written down a second time. */
const NEEDS: Readonly<Record<SuiteName, { rungs: readonly StageName[]; looks: boolean }>> = {
  allocate: { rungs: ['alloc'], looks: false },
  cpu: { rungs: ['alloc', 'map', 'verify'], looks: true },
  'egl-sample': { rungs: ['alloc', 'egl-image', 'draw', 'verify'], looks: true },
  'egl-render': { rungs: ['alloc', 'egl-image', 'draw', 'verify'], looks: true },
  'kms-primary': { rungs: ['alloc', 'prime-import', 'addfb2', 'test-commit'], looks: false },
  'kms-overlay': { rungs: ['alloc', 'prime-import', 'addfb2', 'test-commit'], looks: false },
  encoder: { rungs: ['alloc', 'qbuf', 'streamon', 'dequeue'], looks: false },
};

const rung = (name: StageName, more: Partial<StageFact> = {}): StageFact => ({
  name,
  side: 'importer',
  result: 'ok',
  errno: null,
  us: 1,
  ...more,
});

const facts = (more: Partial<CellFacts>): CellFacts => ({
  cell: 'kms-primary/udmabuf/kms:vc4/NV12/640x480/0x0',
  attempt: 1,
  node: null,
  end: { kind: 'done' },
  stages: [],
  buffer: null,
  verify: null,
  memory: null,
  kernelLog: [],
  us: 1,
  heldBy: null,
  stderr: [],
  ...more,
});

const verified = (more: Partial<VerifyFacts> = {}): VerifyFacts => ({
  compared: 9,
  wrong: 0,
  tolerance: 0,
  control: 'ok',
  ...more,
});

const subsets = <T>(list: readonly T[]): T[][] =>
  list.reduce<T[][]>((all, item) => all.flatMap((some) => [some, [...some, item]]), [[]]);

const anySuite = fc.constantFrom(...SUITES);
const ENDS: readonly CellFacts['end'][] = [
  { kind: 'done' },
  { kind: 'died', signal: 'SIGSEGV', code: null },
  { kind: 'died', signal: null, code: 70 },
  { kind: 'died', signal: null, code: 0 },
  { kind: 'deadline', limitMs: 1000, stuck: false },
  { kind: 'board-lost', why: 'no answer' },
  { kind: 'never', why: 'interrupted' },
];

test.group('a pass', () => {
  test('{$self} has to be earned: every rung, a comparison, a clean end, no wrong pixel')
    .with([...SUITES])
    .run(({ assert }, suite) => {
      const { rungs, looks } = NEEDS[suite];
      let passes = 0;
      for (const climbed of subsets(rungs))
        for (const end of ENDS)
          for (const verify of [
            null,
            verified(),
            verified({ compared: 0 }),
            verified({ wrong: 1 }),
          ])
            for (const kernelLog of [[], ['Oops: 0000 [#1] SMP']]) {
              const stages = climbed.map((name) => rung(name));
              const { outcome } = judge(suite, facts({ stages, end, verify, kernelLog }));
              const earned =
                climbed.length === rungs.length &&
                end.kind === 'done' &&
                kernelLog.length === 0 &&
                verify?.wrong !== 1 &&
                (!looks || (verify?.compared ?? 0) > 0);
              assert.equal(outcome === 'pass', earned, `${climbed} ${end.kind}`);
              if (outcome === 'pass') passes++;
            }
      assert.equal(passes, looks ? 1 : 3);
    });

  test('{$self} is lost by any rung that did not hold, wherever it stands')
    .with([...SUITES])
    .run(({ assert }, suite) => {
      const { rungs } = NEEDS[suite];
      const fates = {
        failed: 'refused',
        unsupported: 'unsupported',
        wrong: 'corrupt',
        entered: 'crash',
      };
      for (const at of rungs.keys())
        for (const result of ['failed', 'unsupported', 'wrong', 'entered'] as const) {
          const stages = rungs.map((name, n) => rung(name, n === at ? { result } : {}));
          const { outcome, stage } = judge(suite, facts({ stages, verify: verified() }));
          assert.deepEqual({ outcome, stage }, { outcome: fates[result], stage: rungs[at] });
        }
    });
});

test.group('any facts', () => {
  test('have an outcome, a reason unless it is a pass, and no pass without what it rests on', ({
    assert,
  }) => {
    fc.assert(
      fc.property(anySuite, anyFacts, (suite, seen) => {
        const { outcome, stage, errno, reason } = judge(suite, seen);
        assert.include(OUTCOMES, outcome);
        if (outcome !== 'pass') return assert.isString(reason);
        assert.deepEqual([stage, errno, reason], [null, null, null]);
        assert.equal(seen.end.kind, 'done');
        assert.isTrue(seen.stages.every(({ result }) => result === 'ok'));
        const names = seen.stages.map(({ name }) => name);
        assert.includeMembers(names, [...NEEDS[suite].rungs]);
        assert.isNotTrue((seen.verify?.wrong ?? 0) > 0);
        if (NEEDS[suite].looks) assert.isAbove(seen.verify?.compared ?? 0, 0);
      }),
      { numRuns: 5000 },
    );
  });

  test('that end badly are never a clean result', ({ assert }) => {
    fc.assert(
      fc.property(anySuite, anyFacts, (suite, seen) => {
        fc.pre(seen.end.kind !== 'done');
        const { outcome } = judge(suite, seen);
        assert.include(['crash', 'hang', 'not-run'], outcome);
        const oops = seen.kernelLog.some((line) => /Oops|BUG: /.test(line));
        if (seen.end.kind === 'deadline') assert.equal(outcome, oops ? 'crash' : 'hang');
        if (seen.end.kind === 'board-lost') assert.equal(outcome, 'crash');
        if (seen.end.kind === 'never') assert.equal(outcome, 'not-run');
      }),
      { numRuns: 1000 },
    );
  });

  test('come out of their record as they went in, and are judged the same again', ({ assert }) => {
    const cell: Cell = {
      id: 'kms-primary/udmabuf/kms:vc4/NV12/640x480/0x0',
      suite: 'kms-primary',
      backend: 'udmabuf',
      importer: { kind: 'kms', driver: 'vc4' },
      format: 'NV12',
      width: 640,
      height: 480,
      modifier: '0x0',
    };
    fc.assert(
      fc.property(anySuite, anyFacts, (suite, some) => {
        const seen = { ...some, cell: cell.id };
        const record = toRecord('b', { ...cell, suite }, seen, new Date(0));
        const { outcome, stage, errno, reason } = record;
        assert.deepEqual(factsOf(record), seen);
        assert.deepEqual(judge(suite, factsOf(record)), { outcome, stage, errno, reason });
        assert.isFalse(record.lucky);
        assert.deepEqual(CellRecord.parse(record), record);
      }),
    );
  });
});

test.group('a worker that died', () => {
  const died = (signal: string | null, code: number | null) =>
    ({ kind: 'died', signal, code }) as const;
  const stack = ['libEGL warning: no', 'Error: a bug', '    at work (agent.cjs:1:1)', ''];
  const oom = 'Out of memory: Killed process 812 (bufmatrix-cell)';
  const cgroupOom = 'out of memory: Killed process 812 (bufmatrix-cell)';
  const oops = 'Oops: 0000 [#1] PREEMPT SMP';
  const rows: {
    title: string;
    seen: Partial<CellFacts>;
    outcome: string;
    errno: string | null;
    reason: string;
  }[] = [
    {
      title: 'by a signal',
      seen: { end: died('SIGSEGV', null) },
      outcome: 'crash',
      errno: 'SIGSEGV',
      reason: 'killed by SIGSEGV',
    },
    {
      title: 'by another signal',
      seen: { end: died('SIGBUS', null) },
      outcome: 'crash',
      errno: 'SIGBUS',
      reason: 'killed by SIGBUS',
    },
    {
      title: 'for want of memory',
      seen: { end: died('SIGKILL', null), kernelLog: [oom] },
      outcome: 'crash',
      errno: 'SIGKILL',
      reason: `killed by the kernel's OOM killer: ${oom}`,
    },
    {
      title: 'for want of memory in its cgroup',
      seen: {
        end: died('SIGKILL', null),
        kernelLog: ['oom-kill:constraint=CONSTRAINT_MEMCG', `Memory cgroup ${cgroupOom}`],
      },
      outcome: 'crash',
      errno: 'SIGKILL',
      reason: `killed by the kernel's OOM killer: Memory cgroup ${cgroupOom}`,
    },
    {
      title: 'by exiting in a library',
      seen: { end: died(null, 1), stderr: stack },
      outcome: 'crash',
      errno: null,
      reason: 'exit code 1',
    },
    {
      title: 'by a bug of ours',
      seen: { end: died(null, 70), stderr: stack },
      outcome: 'not-run',
      errno: null,
      reason: 'bufmatrix itself failed: Error: a bug',
    },
    {
      title: 'by a bug of ours, without a word',
      seen: { end: died(null, 70) },
      outcome: 'not-run',
      errno: null,
      reason: 'bufmatrix itself failed: exit code 70',
    },
    {
      title: 'with our exit code after a kernel fault',
      seen: { end: died(null, 70), stderr: stack, kernelLog: [oops] },
      outcome: 'crash',
      errno: null,
      reason: `exit code 70; kernel fault: ${oops}`,
    },
    {
      title: 'with our exit code after the OOM killer',
      seen: { end: died(null, 70), kernelLog: [oom] },
      outcome: 'crash',
      errno: null,
      reason: `killed by the kernel's OOM killer: ${oom}`,
    },
  ];
  test('{title}: {outcome}')
    .with(rows)
    .run(({ assert }, { seen, outcome, errno, reason }) => {
      const stages = [rung('open'), rung('draw', { result: 'entered' })];
      assert.deepEqual(judge('egl-sample', facts({ stages, ...seen })), {
        outcome,
        stage: 'draw',
        errno,
        reason,
      });
    });

  test('in the clean-up, died at no rung', ({ assert }) => {
    const seen = facts({ stages: [rung('alloc')], end: died('SIGSEGV', null) });
    assert.deepInclude(judge('allocate', seen), {
      outcome: 'crash',
      stage: null,
      errno: 'SIGSEGV',
    });
  });
});

test('no answer is a hang, and a crash where the kernel has oopsed', ({ assert }) => {
  const end = { kind: 'deadline', limitMs: 20_000, stuck: true } as const;
  const stages = [rung('alloc'), rung('draw', { result: 'entered' })];
  const slow = 'watchdog: BUG: soft lockup - CPU#0 stuck for 22s!';
  const oops = 'BUG: kernel NULL pointer dereference, address: 0000000000000000';
  const why = 'no answer within 20 s; SIGKILL did not end it (state D)';
  const outcomeOf = (kernelLog: string[]) => judge('cpu', facts({ stages, end, kernelLog }));
  const hang = { outcome: 'hang', stage: 'draw', errno: null, reason: why };
  assert.deepEqual(outcomeOf([]), hang);
  assert.deepEqual(outcomeOf([slow]), hang);
  const reason = `${why}; kernel fault: ${oops}`;
  assert.deepEqual(outcomeOf([slow, oops]), { ...hang, outcome: 'crash', reason });
});

test.group('a clean error', () => {
  const v4l2 = 'encoder/v4l2:vivid/v4l2-output:vivid/NV12/640x480/0x0';
  const rows: {
    suite: SuiteName;
    name: StageName;
    errno: string;
    outcome: string;
    side?: 'exporter';
    more?: Partial<CellFacts>;
  }[] = [
    { suite: 'kms-primary', name: 'prime-import', errno: 'EINVAL', outcome: 'refused' },
    { suite: 'kms-primary', name: 'prime-import', errno: 'EACCES', outcome: 'refused' },
    { suite: 'kms-primary', name: 'test-commit', errno: 'EACCES', outcome: 'blocked' },
    { suite: 'kms-primary', name: 'open', errno: 'EACCES', outcome: 'blocked' },
    { suite: 'kms-primary', name: 'open', errno: 'ENOENT', outcome: 'unsupported' },
    { suite: 'kms-primary', name: 'addfb2', errno: 'ENOENT', outcome: 'refused' },
    {
      suite: 'kms-primary',
      name: 'test-commit',
      errno: 'EINVAL',
      outcome: 'blocked',
      more: { heldBy: 'DRM master is held by Xorg (pid 812)' },
    },
    { suite: 'encoder', name: 's-fmt', errno: 'EBUSY', outcome: 'blocked' },
    { suite: 'encoder', name: 'qbuf', errno: 'EFAULT', outcome: 'refused' },
    { suite: 'encoder', name: 'streamon', errno: 'ENOTTY', outcome: 'unsupported' },
    {
      suite: 'cpu',
      name: 'alloc',
      errno: 'ENOTTY',
      outcome: 'unsupported',
      side: 'exporter',
      more: { cell: 'cpu/v4l2:vivid/-/NV12/640x480/0x0' },
    },
    { suite: 'cpu', name: 'sync', errno: 'ENOTTY', outcome: 'not-run', more: { cell: v4l2 } },
    { suite: 'encoder', name: 'alloc', errno: 'ENOTTY', outcome: 'not-run', side: 'exporter' },
    { suite: 'kms-primary', name: 'addfb2', errno: 'ENOTTY', outcome: 'not-run' },
    { suite: 'encoder', name: 'qbuf', errno: 'EBADF', outcome: 'not-run' },
    { suite: 'encoder', name: 'open', errno: 'EMFILE', outcome: 'not-run' },
    { suite: 'encoder', name: 'open', errno: 'ENFILE', outcome: 'not-run' },
    { suite: 'egl-sample', name: 'open', errno: 'EGL_NOT_INITIALIZED', outcome: 'unsupported' },
    { suite: 'egl-sample', name: 'egl-image', errno: 'EGL_BAD_ALLOC', outcome: 'refused' },
    {
      suite: 'egl-sample',
      name: 'open',
      errno: 'EGL_BAD_ALLOC',
      outcome: 'refused',
      side: 'exporter',
    },
  ];
  test('{suite}: {errno} at {name} is {outcome}')
    .with(rows)
    .run(({ assert }, { suite, name, errno, outcome, side, more }) => {
      const stages = [rung(name, { result: 'failed', errno, ...(side ? { side } : {}) })];
      const found = judge(suite, facts({ stages, ...more }));
      assert.deepInclude(found, { outcome, stage: name, errno });
    });
});
