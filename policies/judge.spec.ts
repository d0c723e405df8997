import { test } from '@japa/runner';
import { heap, inventoryFixture } from '../devices/inventory-fixture.ts';
import type { Cell } from '../suites/cell.ts';
import { checkPolicies } from './check.ts';
import { courtOf, judgePolicy } from './judge.ts';
import { loadLibrary } from './load.ts';
import {
  closedNodes,
  contiguousDisplay,
  factsFixture,
  profileFixture,
  type Say,
  takesAll,
} from './testing/facts.ts';
import { parseUser } from './user.ts';

const library = loadLibrary([new URL('.', import.meta.url).pathname]);

function policyNamed(name: string) {
  const found = library.policies.find((policy) => policy.name === name);
  if (!found) throw new Error(`no policy ${name}`);
  return found;
}

function useCaseNamed(name: string) {
  const found = library.useCases.find((useCase) => useCase.name === name);
  if (!found) throw new Error(`no use case ${name}`);
  return found;
}

function userOf(text: string) {
  const user = parseUser(text);
  if (typeof user === 'string') throw new Error(user);
  return user;
}

function judge(
  say: Say,
  policy: string,
  useCase: string,
  more: Parameters<typeof factsFixture>[1] = {},
  user: string | null = null,
) {
  const court = courtOf(factsFixture(say, more), user === null ? null : userOf(user));
  return judgePolicy(court, policyNamed(policy), useCaseNamed(useCase));
}

const at = (cell: Cell, suite: string, backend: string) =>
  cell.suite === suite && cell.backend === backend;

test.group('the question that started this', () => {
  test('libcamera shows its viewfinder from CMA where the display wants contiguous memory', ({
    assert,
  }) => {
    const verdict = judge(contiguousDisplay, 'libcamera-0.7.2', 'viewfinder-kms');
    assert.include(verdict, { verdict: 'holds', provider: 'heap:reserved', basis: 'measured' });
    assert.deepEqual(verdict.proof, [
      'cpu/heap:reserved/-/NV12/1920x1080/0x0',
      'kms-primary/heap:reserved/kms:contig_kms/NV12/1920x1080/0x0',
    ]);
  });

  test('with udmabuf first it breaks there, and the unused heap is named', ({ assert }) => {
    const verdict = judge(contiguousDisplay, 'libcamera-udmabuf-first', 'viewfinder-kms');
    assert.include(verdict, { verdict: 'breaks', provider: 'udmabuf' });
    assert.deepEqual(verdict.proof, ['kms-primary/udmabuf/kms:contig_kms/NV12/1920x1080/0x0']);
    assert.include(verdict.better[0], { provider: 'heap:reserved', verdict: 'holds' });
    assert.deepEqual(verdict.probing, { verdict: 'holds', provider: 'heap:reserved' });
  });

  test('behind an IOMMU both orders hold', ({ assert }) => {
    for (const [policy, provider] of [
      ['libcamera-0.7.2', 'heap:reserved'],
      ['libcamera-udmabuf-first', 'udmabuf'],
    ] as const)
      assert.include(judge(takesAll, policy, 'viewfinder-kms'), { verdict: 'holds', provider });
  });

  test('through a compositor it degrades, and what is lost is priced from a cell', ({ assert }) => {
    const verdict = judge(contiguousDisplay, 'libcamera-udmabuf-first', 'preview-compositor');
    assert.equal(verdict.verdict, 'degrades');
    assert.deepEqual(verdict.lost[0]?.measured, {
      cell: 'egl-sample/udmabuf/egl:swrast/NV12/1920x1080/0x0',
      stage: 'draw',
      us: 1000,
    });
  });
});

test.group('a verdict is never better than what was measured', () => {
  test('a pass by luck only is no pass', ({ assert }) => {
    const lucky: Say = (cell) =>
      at(cell, 'kms-primary', 'udmabuf') ? takesAll(cell) : contiguousDisplay(cell);
    const verdict = judge(lucky, 'libcamera-udmabuf-first', 'viewfinder-kms');
    assert.include(verdict, { verdict: 'breaks', luck: true });
    assert.include(verdict.why, 'by luck only');
    assert.include(
      verdict.proof,
      'kms-primary/udmabuf-scattered/kms:contig_kms/NV12/1920x1080/0x0',
    );
  });

  test('a pass whose witness was not measured may be luck: unknown, with the command', ({
    assert,
  }) => {
    const half: Say = (cell) => (cell.backend === 'udmabuf-scattered' ? null : takesAll(cell));
    const verdict = judge(half, 'libcamera-udmabuf-first', 'viewfinder-kms');
    assert.equal(verdict.verdict, 'unknown');
    const cell = 'kms-primary/udmabuf-scattered/kms:contig_kms/NV12/1920x1080/0x0';
    assert.deepEqual(verdict.missing, [
      { cell, command: `bufmatrix run desk --cell '${cell}'`, note: null },
    ]);
  });

  test('half a run is unknown for what is missing', ({ assert }) => {
    const half: Say = (cell) => (cell.suite === 'kms-primary' ? null : takesAll(cell));
    const verdict = judge(half, 'libcamera-0.7.2', 'viewfinder-kms');
    assert.equal(verdict.verdict, 'unknown');
    assert.match(
      verdict.missing[0]?.command ?? '',
      /^bufmatrix run desk --cell 'kms-primary\/heap:reserved/,
    );
  });

  test('a cell that the profile does not plan has a note instead of a command', ({ assert }) => {
    const profile = profileFixture({
      suites: { cpu: {}, 'egl-sample': { formats: ['XR24'] }, 'egl-render': {} },
    });
    const { verdict, missing } = judge(takesAll, 'libcamera-0.7.2', 'gpu-isp', { profile });
    assert.equal(verdict, 'unknown');
    assert.isNull(missing[0]?.command);
    assert.include(missing[0]?.note ?? '', 'the profile made-up does not try R8');
  });

  test('wrong pixels break it though every call succeeds', ({ assert }) => {
    const corrupt: Say = (cell) =>
      at(cell, 'kms-primary', 'heap:reserved')
        ? { outcome: 'corrupt', stage: 'test-commit', errno: null }
        : takesAll(cell);
    const verdict = judge(corrupt, 'libcamera-0.7.2', 'viewfinder-kms');
    assert.equal(verdict.verdict, 'breaks');
    assert.include(verdict.why, 'no program notices');
  });

  test('a board without an encoder has nothing to judge', ({ assert }) => {
    const verdict = judge(takesAll, 'rpicam-apps', 'camera-encoder');
    assert.include(verdict, { verdict: 'unknown', applies: false });
    assert.include(verdict.why, 'no encoder');
  });
});

test.group('the provider that a policy comes to', () => {
  test('is the next one where the user may not open the first', ({ assert }) => {
    const inventory = closedNodes();
    const of = (user: string) =>
      judge(takesAll, 'libcamera-0.7.2', 'viewfinder-kms', { inventory }, user);
    assert.equal(of('1000:video').provider, 'heap:reserved');
    assert.equal(of('1000:kvm').provider, 'udmabuf');
    const none = of('1000');
    assert.include(none, { verdict: 'breaks', provider: null });
    assert.include(none.why, 'crw-rw---- root:kvm, which keeps uid 1000 out');
    assert.isEmpty(none.better);
  });

  test('is none where CMA is too small for all its buffers, which no cell measures', ({
    assert,
  }) => {
    const { memory } = inventoryFixture();
    const inventory = inventoryFixture({
      memory: { ...memory, cmaTotalKiB: 16384, cmaFreeKiB: 12000 },
    });
    const verdict = judge(takesAll, 'libcamera-0.7.2', 'viewfinder-kms', { inventory });
    assert.equal(verdict.verdict, 'breaks');
    assert.match(
      verdict.why,
      /4 frames of NV12 1920x1080 take 12960 KiB of CMA, and 12000 KiB are left/,
    );
  });

  test('changes with a kernel that renames the heap: a finding of its own', ({ assert }) => {
    const kernel = { ...inventoryFixture().kernel, release: '6.19.0' };
    const renamed = inventoryFixture({
      kernel,
      heaps: [heap('default_cma_region'), heap('system')],
    });
    const now = factsFixture(takesAll, { inventory: renamed });
    const [verdict] = checkPolicies(
      [{ now, before: [factsFixture(takesAll)] }],
      [policyNamed('libcamera-0.7.2')],
      [useCaseNamed('viewfinder-kms')],
      null,
    );
    assert.include(verdict, { verdict: 'holds', provider: 'heap:system' });
    assert.deepEqual(verdict?.findings, [
      'libcamera-0.7.2 silently changes provider: heap:reserved on kernel 6.12.94-bufmatrix, heap:system on kernel 6.19.0',
    ]);
  });

  test('is told with what the measured buffers do not have in common with the program’s', ({
    assert,
  }) => {
    const { caveats } = judge(takesAll, 'libcamera-0.7.2', 'viewfinder-kms');
    assert.deepEqual(caveats, [
      'libcamera would give NV12 1920x1080 a stride of 1920 bytes; the cells had 2048',
    ]);
  });
});
