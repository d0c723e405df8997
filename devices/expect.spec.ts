import { test } from '@japa/runner';
import fc from 'fast-check';
import { IMPORTER_KINDS, SUITES } from '../suites/cell.ts';
import { FORMATS } from '../suites/formats.ts';
import { type CellRecord, OUTCOMES } from '../suites/record.ts';
import { type CellParts, isExpected, matchExpectation, mesaVersionOf, selects } from './expect.ts';
import { globMatches } from './glob.ts';
import { Expectation } from './profile.ts';

const expectation = (more: object = {}): Expectation =>
  Expectation.parse({
    cells: {},
    outcome: 'refused',
    reason: 'because',
    source: 'somewhere',
    basis: 'claimed',
    ...more,
  });

type Judged = Pick<CellRecord, 'outcome' | 'stage' | 'errno' | 'lucky' | 'reason'>;
const record = (more: Partial<Judged>): Judged => ({
  outcome: 'pass',
  stage: null,
  errno: null,
  lucky: false,
  reason: null,
  ...more,
});

const cell: CellParts = {
  suite: 'kms-primary',
  backend: 'heap:linux,cma',
  importer: { kind: 'kms', driver: 'vc4' },
  format: 'NV12',
  width: 640,
  height: 480,
  modifier: null,
};

const anyCell: fc.Arbitrary<CellParts> = fc.record({
  suite: fc.constantFrom(...SUITES),
  backend: fc.constantFrom('udmabuf', 'udmabuf-scattered', 'heap:system', 'dumb:vkms', 'gbm:vgem'),
  importer: fc.option(
    fc.record({
      kind: fc.constantFrom(...IMPORTER_KINDS),
      driver: fc.constantFrom('vkms', 'vc4', 'swrast'),
    }),
  ),
  format: fc.constantFrom(...FORMATS.map(({ name }) => name)),
  width: fc.constantFrom(640, 1920),
  height: fc.constantFrom(480, 1080),
  modifier: fc.constantFrom('0x0', null),
});

/** Globs by regular expression, as the slow but obvious way to say what they mean. */
const slowGlob = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text);

test.group('selectors', () => {
  test('{selector} fits: {fits}')
    .with([
      { selector: {}, fits: true },
      { selector: { suite: 'kms-*' }, fits: true },
      { selector: { suite: ['cpu', 'kms-primary'] }, fits: true },
      { selector: { suite: 'kms' }, fits: false },
      { selector: { backend: 'heap:*', format: 'NV12', size: '640x480' }, fits: true },
      { selector: { backend: 'heap:*', format: 'XR24' }, fits: false },
      { selector: { importer: 'kms:vc4' }, fits: true },
      { selector: { importer: '-' }, fits: false },
      { selector: { modifier: '-' }, fits: true },
      { selector: { modifier: '0x0' }, fits: false },
    ])
    .run(({ assert }, { selector, fits }) => assert.equal(selects(selector, cell), fits));

  test('globs mean what the regular expression says', ({ assert }) => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ':'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', ':', '*'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (p, t) => assert.equal(globMatches(p, t), slowGlob(p, t))),
    );
  });

  test('a hostile glob takes no time', ({ assert }) => {
    assert.isFalse(globMatches('*a'.repeat(50), `${'a'.repeat(49)}${'b'.repeat(10_000)}`));
  }).timeout(2000);

  test('the first entry that fits counts, and an empty selector fits every cell', ({ assert }) => {
    fc.assert(
      fc.property(anyCell, fc.array(fc.boolean(), { maxLength: 6 }), (one, flags) => {
        const expect = flags.map((fits, index) =>
          expectation({ cells: fits ? {} : { backend: 'nothing' }, reason: `entry ${index}` }),
        );
        const found = matchExpectation({ expect }, one, '6.12.94');
        assert.equal(found, expect[flags.indexOf(true)] ?? null);
      }),
    );
  });

  test('kernel and Mesa ranges: {kernel} {mesa} on {release}, {version} gives {reason}')
    .with([
      { kernel: '>=6.17', mesa: undefined, release: '6.12.94', version: null, reason: null },
      { kernel: '>=6.17', mesa: undefined, release: '7.3.4', version: null, reason: 'because' },
      { kernel: undefined, mesa: '<25.1', release: '6.12', version: '25.0.7', reason: 'because' },
      { kernel: undefined, mesa: '<25.1', release: '6.12', version: '26.1.6-1', reason: null },
      { kernel: undefined, mesa: '<25.1', release: '6.12', version: null, reason: null },
    ])
    .run(({ assert }, { kernel, mesa, release, version, reason }) => {
      const entry = expectation({ kernel, mesa });
      const found = matchExpectation({ expect: [entry] }, cell, release, version);
      assert.equal(found?.reason ?? null, reason);
    });

  test('Mesa says its version in GL_VERSION', ({ assert }) => {
    const egl = [{ version: null }, { version: 'OpenGL ES 3.2 Mesa 26.1.6-1~bpo13+1' }];
    assert.equal(mesaVersionOf({ egl }), '26.1.6-1~bpo13+1');
    assert.isNull(mesaVersionOf({ egl: [{ version: 'OpenGL ES 3.2 v1.r38p1' }] }));
  });
});

test.group('as expected', () => {
  test('without an expectation {outcome} is as expected: {expected}')
    .with(
      OUTCOMES.map((outcome) => ({
        outcome,
        expected: ['pass', 'refused', 'unsupported'].includes(outcome),
      })),
    )
    .run(({ assert }, { outcome, expected }) =>
      assert.equal(isExpected(record({ outcome }), null).expected, expected),
    );

  test('what a filter left out is never unexpected', ({ assert }) => {
    const filtered = record({ outcome: 'not-run', reason: 'filtered' });
    assert.isTrue(isExpected(filtered, null).expected);
    assert.isTrue(isExpected(filtered, expectation({ outcome: 'pass' })).expected);
    const lost = record({ outcome: 'not-run', reason: 'board lost' });
    assert.isFalse(isExpected(lost, null).expected);
  });

  const refusal = { stage: 'prime-import', errno: 'EINVAL' } as const;
  const rows: { entry: object; seen: Partial<Judged>; expected: boolean; why: string }[] = [
    {
      entry: refusal,
      seen: { outcome: 'refused', ...refusal },
      expected: true,
      why: 'refused at prime-import with EINVAL, as expected: because',
    },
    {
      entry: refusal,
      seen: { outcome: 'refused', stage: 'addfb2', errno: 'EINVAL' },
      expected: false,
      why: 'refused at addfb2 with EINVAL, but expected refused at prime-import with EINVAL: because',
    },
    {
      entry: refusal,
      seen: { outcome: 'refused', stage: 'test-commit', errno: 'EINVAL' },
      expected: false,
      why: 'refused at test-commit with EINVAL, but expected refused at prime-import with EINVAL: because',
    },
    {
      entry: refusal,
      seen: { outcome: 'refused', stage: 'prime-import', errno: 'ENOMEM' },
      expected: false,
      why: 'refused at prime-import with ENOMEM, but expected refused at prime-import with EINVAL: because',
    },
    {
      entry: refusal,
      seen: { outcome: 'pass' },
      expected: false,
      why: 'pass, but expected refused at prime-import with EINVAL: because',
    },
    {
      entry: refusal,
      seen: { outcome: 'pass', lucky: true },
      expected: false,
      why: 'lucky pass, but expected refused at prime-import with EINVAL: because',
    },
    {
      entry: { orLucky: true },
      seen: { outcome: 'pass', lucky: true },
      expected: true,
      why: 'lucky pass, as expected: because',
    },
    {
      entry: { orLucky: true },
      seen: { outcome: 'pass' },
      expected: false,
      why: 'pass, but expected refused, or a lucky pass: because',
    },
    {
      entry: { orLucky: true },
      seen: { outcome: 'refused', ...refusal },
      expected: true,
      why: 'refused at prime-import with EINVAL, as expected: because',
    },
    {
      entry: { outcome: 'pass' },
      seen: { outcome: 'pass', lucky: true },
      expected: false,
      why: 'lucky pass, but expected pass: because',
    },
    {
      entry: { outcome: 'pass' },
      seen: { outcome: 'pass' },
      expected: true,
      why: 'pass, as expected: because',
    },
    {
      entry: { outcome: ['crash', 'refused'] },
      seen: { outcome: 'crash', stage: 'draw', errno: 'SIGSEGV' },
      expected: true,
      why: 'crash at draw with SIGSEGV, as expected: because',
    },
    {
      entry: { outcome: ['crash', 'refused'], errno: ['SIGSEGV', 'EINVAL'] },
      seen: { outcome: 'hang', stage: 'draw' },
      expected: false,
      why: 'hang at draw, but expected crash or refused with SIGSEGV or EINVAL: because',
    },
    {
      entry: { outcome: 'pass', rate: { min: 0.6, max: 0.95 } },
      seen: { outcome: 'pass' },
      expected: true,
      why: 'pass, as expected: because',
    },
    {
      entry: { outcome: 'pass', rate: { min: 0.6, max: 0.95 } },
      seen: { outcome: 'refused', ...refusal },
      expected: true,
      why: 'refused at prime-import with EINVAL, where pass in 60 to 95 % of attempts is expected: because',
    },
    {
      entry: { outcome: 'pass', rate: { min: 0.6 } },
      seen: { outcome: 'pass', lucky: true },
      expected: true,
      why: 'lucky pass, where pass in at least 60 % of attempts is expected: because',
    },
    {
      entry: { outcome: 'pass', rate: { min: 0.6 } },
      seen: { outcome: 'corrupt', stage: 'verify' },
      expected: false,
      why: 'corrupt at verify, but expected pass in at least 60 % of attempts: because',
    },
    {
      entry: { outcome: 'crash', rate: { max: 0.125 } },
      seen: { outcome: 'crash', stage: 'draw' },
      expected: true,
      why: 'crash at draw, as expected: because',
    },
    {
      entry: { outcome: 'crash', rate: { max: 0.125 } },
      seen: { outcome: 'hang', stage: 'draw' },
      expected: false,
      why: 'hang at draw, but expected crash in at most 12.5 % of attempts: because',
    },
    {
      entry: { outcome: 'unsupported', stage: 'framebuffer' },
      seen: { outcome: 'unsupported' },
      expected: false,
      why: 'unsupported, but expected unsupported at framebuffer: because',
    },
  ];
  test('{$i}: {why}')
    .with(rows)
    .run(({ assert }, { entry, seen, expected, why }) =>
      assert.deepEqual(isExpected(record(seen), expectation(entry)), { expected, why }),
    );
});
