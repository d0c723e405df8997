import { existsSync, readFileSync } from 'node:fs';
import { test } from '@japa/runner';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { KCIDB_ORIGIN, kcidbReport, kcidbSubmission } from './kcidb.ts';
import { cellStatus } from './kcidb-status.ts';
import { boardMatrix } from './matrix.ts';
import type { BoardRun } from './model.ts';
import { CONTROL, sampleTrap, TRAPS } from './testing/hostile.ts';
import {
  sampleClaims,
  sampleDesk,
  sampleHostile,
  sampleNoIommu,
  sampleRuns,
  sampleUnreachable,
} from './testing/sample.ts';

const schema = new URL('../../shared/data/kcidb-v5.3.schema.json', import.meta.url);
const missing = existsSync(schema)
  ? ''
  : 'no ../shared/data/kcidb-v5.3.schema.json beside the project';

/** Addresses and dates as JSON Schema has them: ajv leaves formats to its caller. */
const formats = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  uri: (text: string) => URL.canParse(text),
  email: /^\S+@\S+$/,
};

/** What is wrong with it by KCIDB's own schema; nothing where it is right. */
function faults(submission: string): readonly object[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats });
  const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
  validate(JSON.parse(submission));
  return validate.errors ?? [];
}

const Submission = z.object({
  checkouts: z.array(z.object({ id: z.string(), origin: z.string() })),
  builds: z.array(z.object({ id: z.string(), checkout_id: z.string() })),
  tests: z.array(
    z.object({
      id: z.string(),
      build_id: z.string(),
      path: z.string(),
      status: z.string(),
      comment: z.string(),
      log_excerpt: z.string().optional(),
      environment: z.object({
        compatible: z.array(z.string()).optional(),
        misc: z.looseObject({}),
      }),
      misc: z.object({ bufmatrix: z.looseObject({ cell: z.string().optional() }) }),
    }),
  ),
});
const read = (runs: readonly BoardRun[]) => Submission.parse(JSON.parse(kcidbReport(runs)));

test.group('KCIDB', () => {
  for (const [name, runs] of [
    ['the sample boards', sampleRuns()],
    ['claims beside a measurement', [sampleNoIommu(), sampleClaims()]],
    ['hostile text', [sampleHostile(), ...TRAPS.map(sampleTrap)]],
    ['a board that never answered', [sampleUnreachable()]],
    ['no boards', []],
  ] as const)
    test(`${name}: valid against KCIDB's schema 5.3`, ({ assert }) => {
      assert.deepEqual(faults(kcidbReport(runs)), []);
    }).skip(missing !== '', missing);

  test('the schema finds a fault where there is one', ({ assert }) => {
    const sick = kcidbReport([sampleNoIommu()]).replace('"status":"PASS"', '"status":"GOOD"');
    assert.lengthOf(faults(sick), 1);
  }).skip(missing !== '', missing);

  test('has a test for each cell that was to be tried, and one for each board', ({ assert }) => {
    const { tests, builds, checkouts } = read(sampleRuns());
    assert.lengthOf(tests, 3 * 224 - 3 + 3);
    assert.lengthOf(new Set(tests.map(({ id }) => id)), tests.length);
    // Two of the three boards ran one kernel; ids lead from test to build to checkout.
    const ids = new Set(builds.map(({ id }) => id));
    for (const one of tests) assert.isTrue(ids.has(one.build_id));
    assert.sameMembers(
      builds.map((one) => one.checkout_id),
      checkouts.map(({ id }) => id),
    );
    assert.lengthOf(builds, 1);
    assert.equal(
      tests.find(({ misc }) => misc.bufmatrix.cell === 'cpu/heap:reserved/-/NV12/640x480/0x0')
        ?.path,
      'bufmatrix.cpu.heap_reserved.-.NV12.640x480.0x0',
    );
  });

  test('tells the device’s fault from the test’s and from the lab’s', ({ assert }) => {
    const { tests } = read([sampleDesk()]);
    const statusOf = (cell: string) =>
      tests.find(({ misc }) => misc.bufmatrix.cell === cell)?.status;
    for (const [cell, status] of [
      ['kms-primary/udmabuf-scattered/kms:contig_kms/NV12/640x480/0x0', 'PASS'], // refused, expected
      ['kms-primary/udmabuf/kms:contig_kms/NV12/640x480/0x0', 'PASS'], // lucky, expected
      ['cpu/heap:reserved/-/NV12/1920x1080/0x0', 'FAIL'], // corrupt
      ['egl-sample/udmabuf/egl:vkms/NV12/640x480/0x0', 'FAIL'], // crash
      ['egl-render/heap:system/egl:vkms/XR24/640x480/0x0', 'FAIL'], // crash, known
      ['encoder/dumb:contig_kms/v4l2-m2m:vicodec/NV12/640x480/0x0', 'FAIL'], // hang
      ['kms-primary/udmabuf/kms:vkms/NV12/640x480/0x0', 'ERROR'], // blocked
      ['egl-render/udmabuf/egl:vkms/NV12/640x480/0x0', 'SKIP'], // unsupported
      ['encoder/udmabuf/v4l2-output:vivid/NV12/640x480/0x0', 'MISS'], // board lost before
      ['encoder/heap:reserved/v4l2-output:vivid/NV12/1920x1080/0x0', undefined], // not asked for
    ] as const)
      assert.equal(statusOf(cell), status, cell);
    const known = tests.find(({ comment }) => comment.startsWith('known: '));
    assert.equal(
      known?.comment,
      'known: crash at draw SIGSEGV: killed by SIGSEGV; cause: driver-crash (told)',
    );
  });

  test('an unexpected refusal, and an unexpected pass, are faults', ({ assert }) => {
    const run = sampleNoIommu();
    const contrary = {
      ...run,
      expected: (record: BoardRun['records'][number]) => ({
        expected: !run.expected(record).expected,
        why: 'contrary',
      }),
    };
    const { cells } = boardMatrix(contrary);
    for (const entry of cells.filter(({ state }) => ['pass', 'lucky', 'refused'].includes(state)))
      assert.equal(cellStatus(entry), 'FAIL');
  });

  test('what ended by a fault of ours, before or beside the device, is an error', ({ assert }) => {
    const run = sampleNoIommu();
    const [first] = run.records;
    if (!first) throw new Error('the sample has records');
    const of = (change: Partial<typeof first>) => {
      const records = [{ ...first, ...change }, ...run.records.slice(1)];
      const entry = boardMatrix({ ...run, records }).cells.find(
        ({ cell }) => cell.id === first.cell,
      );
      return entry && cellStatus(entry);
    };
    const died = { kind: 'died', signal: null, code: 70 } as const;
    assert.equal(of({ outcome: 'not-run', end: died }), 'ERROR');
    assert.equal(of({ outcome: 'not-run', end: { kind: 'never', why: 'interrupted' } }), 'MISS');
    assert.equal(of({ outcome: 'crash', end: died, stages: [] }), 'ERROR');
    assert.equal(of({ outcome: 'crash', end: died }), 'FAIL');
  });

  test('an attempt that no record shows is missing, beside others that passed', ({ assert }) => {
    const run = sampleNoIommu();
    const twice = { ...run, plan: { ...run.plan, repeat: 2 } };
    const { cells } = boardMatrix(twice);
    for (const entry of cells.filter(({ state }) => state === 'pass'))
      assert.equal(cellStatus(entry), 'MISS');
  });

  test('a run that is not complete is never a PASS as a whole', ({ assert }) => {
    const boardOf = (run: BoardRun) => read([run]).tests[0];
    assert.deepInclude(boardOf(sampleNoIommu()), { path: 'bufmatrix', status: 'PASS' });
    const lost = { ...sampleNoIommu(), incomplete: 'lost: no answer' };
    assert.deepInclude(boardOf(lost), { status: 'MISS', comment: 'lost: no answer' });
    assert.equal(boardOf(sampleUnreachable())?.status, 'MISS');
    assert.equal(boardOf(sampleDesk())?.status, 'FAIL');
  });

  test('says nothing of what is only claimed', ({ assert }) => {
    assert.lengthOf(read([sampleClaims()]).tests, 0);
    const measured = kcidbReport([sampleNoIommu()]);
    assert.equal(kcidbReport([sampleNoIommu(), sampleClaims()]), measured);
  });

  test('environment.compatible is the device tree’s, where that is allowed', ({ assert }) => {
    const run = sampleNoIommu();
    const compatible = ['raspberrypi,4-model-b', 'brcm,bcm2711', 'not allowed', ''];
    const { identity } = run.inventory ?? {};
    if (!run.inventory || !identity) throw new Error('the sample has an inventory');
    const inventory = { ...run.inventory, identity: { ...identity, compatible } };
    const [first] = read([{ ...run, inventory }]).tests;
    assert.deepEqual(first?.environment.compatible, ['raspberrypi,4-model-b', 'brcm,bcm2711']);
  });

  test('an excerpt is not longer than KCIDB takes', ({ assert }) => {
    const run = sampleNoIommu();
    const kernelLog = Array.from({ length: 400 }, (_, n) => `line ${n} ${'😀'.repeat(40)}`);
    const long = { ...run, records: run.records.map((record) => ({ ...record, kernelLog })) };
    for (const { log_excerpt: excerpt = '' } of read([long]).tests)
      assert.isAtMost([...excerpt].length, 16_384);
  });

  test('the origin leads every id, and hostile text makes no control character', ({ assert }) => {
    const text = kcidbSubmission(sampleRuns(), 'my_lab');
    assert.notInclude(text, `"${KCIDB_ORIGIN}:`);
    for (const { id } of Submission.parse(JSON.parse(text)).tests) assert.match(id, /^my_lab:/);
    for (const trap of TRAPS) assert.notMatch(kcidbReport([sampleTrap(trap)]), CONTROL);
  });
});
