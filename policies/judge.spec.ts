import { test } from '@japa/runner';
import { drmDevice, heap, inventoryFixture } from '../devices/inventory-fixture.ts';
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
      'libcamera-0.7.2 silently changes provider, from heap:reserved to heap:system (kernel 6.12.94-bufmatrix then, 6.19.0 now)',
    ]);
  });

  test('is told with what the cells do not show', ({ assert }) => {
    const { caveats } = judge(takesAll, 'kodi', 'viewfinder-kms');
    assert.deepEqual(caveats, []);
    const blind = factsFixture(takesAll);
    const records = blind.records.map((record) => ({ ...record, verify: null }));
    const court = courtOf({ ...blind, records });
    const tight = { ...policyNamed('libcamera-udmabuf-first'), layout: TIGHT };
    assert.sameMembers(judgePolicy(court, tight, useCaseNamed('viewfinder-kms')).caveats, [
      'libcamera would give NV12 1920x1080 a stride of 1920 bytes; the cells had 2048',
      'kms-primary: accepted by a test commit; nobody looked at the picture',
    ]);
    const closed = courtOf(
      factsFixture(takesAll, { inventory: closedNodes() }),
      userOf('1000:kvm'),
    );
    const [caveat] = judgePolicy(
      closed,
      policyNamed('libcamera-udmabuf-first'),
      useCaseNamed('viewfinder-kms'),
    ).caveats;
    assert.match(
      caveat ?? '',
      /card0 is .*keeps uid 1000 \(kvm\) out; somebody else has to open it/,
    );
  });
});

const TIGHT = {
  fds: 'one' as const,
  strideAlign: 1,
  modifier: 'linear' as const,
  seals: ['shrink' as const],
};

test.group('half a run never looks better than a whole one', () => {
  const overlayless: Say = (cell) =>
    cell.suite === 'kms-overlay' && cell.format === 'NV12'
      ? { outcome: 'refused', stage: 'addfb2', errno: 'EINVAL' }
      : takesAll(cell);
  const without =
    (say: Say, gone: (cell: Cell) => boolean): Say =>
    (cell) =>
      gone(cell) ? null : say(cell);

  test('{gone} missing')
    .with([
      {
        gone: 'an optional consumer',
        fits: (cell: Cell) => cell.suite === 'kms-overlay' && cell.format === 'NV12',
      },
      {
        gone: 'the first format',
        fits: (cell: Cell) => cell.suite === 'egl-sample' && cell.format === 'NV12',
      },
      {
        gone: 'the larger size',
        fits: (cell: Cell) => cell.suite === 'cpu' && cell.width === 1920,
      },
    ])
    .run(({ assert }, { fits }) => {
      assert.equal(judge(overlayless, 'libcamera-0.7.2', 'preview-compositor').verdict, 'degrades');
      const half = judge(without(overlayless, fits), 'libcamera-0.7.2', 'preview-compositor');
      assert.equal(half.verdict, 'unknown');
      assert.isNotEmpty(half.missing);
    });

  test('a witness of another size that gave no answer tells nothing', ({ assert }) => {
    const half: Say = (cell) =>
      cell.backend === 'udmabuf-scattered' && cell.suite === 'kms-primary'
        ? cell.width === 640
          ? { outcome: 'refused', stage: 'test-commit', errno: 'EINVAL' }
          : null
        : takesAll(cell);
    assert.equal(judge(half, 'libcamera-udmabuf-first', 'viewfinder-kms').verdict, 'unknown');
  });
});

test.group('what happens in the allocator', () => {
  test('a crash breaks it, and is not asked for again', ({ assert }) => {
    const crash: Say = (cell) =>
      cell.backend === 'heap:reserved'
        ? { outcome: 'crash', stage: 'alloc', errno: 'SIGSEGV' }
        : takesAll(cell);
    const { verdict, why, missing } = judge(crash, 'libcamera-0.7.2', 'viewfinder-kms');
    assert.equal(verdict, 'breaks');
    assert.include(why, 'crash while it allocated');
    assert.isEmpty(missing);
  });

  test('a refusal in a consumer’s cell is the allocator’s, not the consumer’s', ({ assert }) => {
    const full: Say = (cell) =>
      at(cell, 'kms-primary', 'heap:reserved')
        ? { outcome: 'refused', stage: 'alloc', errno: 'ENOMEM' }
        : takesAll(cell);
    const { verdict, why, luck } = judge(full, 'libcamera-0.7.2', 'viewfinder-kms');
    assert.equal(verdict, 'breaks');
    assert.match(why, /^heap:reserved made NV12 1920x1080 for .* and not for kms-primary/);
    assert.isTrue(luck);
  });

  test('dumb buffers of a driver without an IOMMU come out of CMA, and those behind one need not', ({
    assert,
  }) => {
    const { memory } = inventoryFixture();
    const small = { memory: { ...memory, cmaTotalKiB: 8192, cmaFreeKiB: 6000 } };
    const dumb = policyNamed('gstreamer-1.28-kmssink');
    const on = (inventory: ReturnType<typeof inventoryFixture>) =>
      judgePolicy(
        courtOf(factsFixture(takesAll, { inventory })),
        dumb,
        useCaseNamed('decoder-kms'),
      );
    assert.include(on(inventoryFixture(small)).why, 'KiB of CMA');
    const iommu = drmDevice('contig_kms', { iommuGroup: '3', iommuType: 'DMA' });
    assert.equal(on(inventoryFixture({ ...small, drm: [iommu] })).verdict, 'holds');
  });

  test('what fits only if CMA did not align it is unknown', ({ assert }) => {
    const { memory } = inventoryFixture();
    // Four frames of 3240 KiB each take 4096 KiB beside one another.
    const inventory = inventoryFixture({
      memory: { ...memory, cmaTotalKiB: 16384, cmaFreeKiB: 14000 },
    });
    const { verdict, why } = judge(takesAll, 'libcamera-0.7.2', 'viewfinder-kms', { inventory });
    assert.equal(verdict, 'unknown');
    assert.include(why, 'aligned as CMA aligns them they take 16384 KiB');
  });

  test('a memfd without F_SEAL_SHRINK makes no udmabuf', ({ assert }) => {
    const unsealed = {
      ...policyNamed('libcamera-udmabuf-first'),
      layout: { ...TIGHT, seals: ['grow' as const] },
    };
    const verdict = judgePolicy(
      courtOf(factsFixture(takesAll)),
      unsealed,
      useCaseNamed('viewfinder-kms'),
    );
    assert.equal(verdict.verdict, 'breaks');
    assert.include(verdict.why, 'F_SEAL_SHRINK');
  });
});

test.group('for whom', () => {
  const eperm = () => {
    const closed = closedNodes();
    const deny = <T extends { openErrno: string | null }>(node: T) => ({
      ...node,
      openErrno: 'EPERM',
    });
    return inventoryFixture({
      heaps: closed.heaps.map((one) => ({ ...one, node: deny(one.node) })),
      udmabuf: { ...closed.udmabuf, node: closed.udmabuf.node && deny(closed.udmabuf.node) },
    });
  };

  test('what keeps root out keeps everybody out', ({ assert }) => {
    for (const user of [null, '0', '1000:video,kvm']) {
      const verdict = judge(
        takesAll,
        'libcamera-0.7.2',
        'viewfinder-kms',
        { inventory: eperm() },
        user,
      );
      assert.include(verdict, { verdict: 'breaks', provider: null }, String(user));
      assert.include(verdict.why, 'open(2) said EPERM');
    }
  });

  test('the one who measured is known by uid and groups, so that an access list counts', ({
    assert,
  }) => {
    const inventory = { ...closedNodes(), user: { uid: 1000, groups: ['video', 'alice'] } };
    const of = (user: string) =>
      judge(takesAll, 'libcamera-udmabuf-first', 'viewfinder-kms', { inventory }, user);
    assert.equal(of('1000:alice,video').provider, 'udmabuf');
    assert.equal(of('1001:video').provider, 'heap:reserved');
  });
});

test.group('a policy that makes only some formats', () => {
  test('is not judged where none of them is asked for', ({ assert }) => {
    const verdict = judge(takesAll, 'wlroots-0.21', 'decoder-gpu');
    assert.include(verdict, { verdict: 'unknown', applies: false });
    assert.include(verdict.why, 'wlroots makes none of the formats');
  });
});
