import { join } from 'node:path';
import { test } from '@japa/runner';
import { z } from 'zod';
import { heap, inventoryFixture } from '../devices/inventory-fixture.ts';
import {
  closedNodes,
  contiguousDisplay,
  factsFixture,
  profileFixture,
  takesAll,
} from '../policies/testing/facts.ts';
import { Verdict } from '../policies/verdict.ts';
import { cli, scratch } from './testing/cli.ts';
import { writeRun } from './testing/written-run.ts';

const VIEWFINDER = ['--use-case', 'viewfinder-kms'];

async function check(folder: string, ...args: string[]) {
  const { code, stdout, stderr } = await cli(['policy', 'check', '--json', ...args], folder);
  return { code, stderr, verdicts: z.array(Verdict).parse(JSON.parse(stdout)) };
}

test.group('policy check', () => {
  test('exits 1 where a requested verdict breaks, and 0 where none does', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    writeRun(
      join(folder, 'results'),
      'a',
      '2026-11-25T10:00:00.000Z',
      factsFixture(contiguousDisplay),
    );
    const good = await check(folder, '--policy', 'libcamera-0.7.2', ...VIEWFINDER);
    assert.equal(good.code, 0, good.stderr);
    assert.include(good.verdicts[0], {
      board: 'desk',
      verdict: 'holds',
      provider: 'heap:reserved',
    });
    const bad = await check(folder, '--policy', 'libcamera-udmabuf-first', ...VIEWFINDER);
    assert.equal(bad.code, 1);
    assert.include(bad.verdicts[0], { verdict: 'breaks', provider: 'udmabuf' });
    assert.deepEqual(bad.verdicts[0]?.proof, [
      'kms-primary/udmabuf/kms:contig_kms/NV12/1920x1080/0x0',
    ]);
  });

  test('puts runs of one system together, and asks only for what none of them has', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const out = join(folder, 'results');
    const half = factsFixture((cell) => (cell.suite === 'cpu' ? null : takesAll(cell)));
    writeRun(out, 'a', '2026-11-25T10:00:00.000Z', half);
    const asked = ['--policy', 'libcamera-0.7.2', ...VIEWFINDER];
    const before = await check(folder, ...asked);
    assert.equal(before.code, 0);
    assert.equal(before.verdicts[0]?.verdict, 'unknown');
    assert.deepEqual(
      before.verdicts[0]?.missing.map(({ command }) => command),
      ["bufmatrix run desk --cell 'cpu/heap:reserved/-/NV12/1920x1080/0x0'"],
    );
    const rest = factsFixture((cell) => (cell.suite === 'cpu' ? takesAll(cell) : null));
    writeRun(out, 'b', '2026-11-25T11:00:00.000Z', rest);
    const after = await check(folder, ...asked);
    assert.equal(after.verdicts[0]?.verdict, 'holds');
    assert.deepEqual(after.verdicts[0]?.runs, ['b', 'a']);
    const alone = await check(folder, ...asked, '--run', 'b');
    assert.equal(alone.verdicts[0]?.verdict, 'unknown');
  });

  test('a run that did not ask for Mesa goes with the newest that did', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const out = join(folder, 'results');
    const asked = ['--policy', 'libcamera-0.7.2', ...VIEWFINDER];
    writeRun(out, 'a', '2026-11-25T10:00:00.000Z', factsFixture(takesAll));
    const few = factsFixture((cell) => (cell.suite === 'kms-primary' ? takesAll(cell) : null), {
      inventory: inventoryFixture({ egl: [] }),
    });
    writeRun(out, 'b', '2026-11-25T11:00:00.000Z', few);
    const [verdict] = (await check(folder, ...asked)).verdicts;
    assert.deepEqual(verdict?.runs, ['b', 'a']);
    assert.equal(verdict?.verdict, 'holds');
    // One of another Mesa is another system.
    const [egl] = inventoryFixture().egl;
    if (!egl) throw new Error('the fixture has no EGL device');
    const other = inventoryFixture({ egl: [{ ...egl, version: 'OpenGL ES 3.2 Mesa 25.0.7' }] });
    writeRun(out, 'c', '2026-11-25T12:00:00.000Z', factsFixture(takesAll, { inventory: other }));
    const [newer] = (await check(folder, ...asked)).verdicts;
    assert.deepEqual(newer?.runs, ['c', 'b']);
  });

  test('tells luck by a witness of another run', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const out = join(folder, 'results');
    const lucky = factsFixture((cell) =>
      cell.backend === 'udmabuf-scattered' ? null : takesAll(cell),
    );
    const witness = factsFixture((cell) =>
      cell.backend === 'udmabuf-scattered' ? contiguousDisplay(cell) : null,
    );
    writeRun(out, 'a', '2026-11-25T10:00:00.000Z', witness);
    writeRun(out, 'b', '2026-11-25T11:00:00.000Z', lucky);
    const { verdicts } = await check(folder, '--policy', 'libcamera-udmabuf-first', ...VIEWFINDER);
    assert.include(verdicts[0], { verdict: 'breaks', luck: true });
  });

  test('tells that a policy changes provider with the kernel', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const out = join(folder, 'results');
    const { kernel } = inventoryFixture();
    const renamed = inventoryFixture({
      kernel: { ...kernel, release: '7.3.4' },
      heaps: [heap('default_cma_region'), heap('system')],
    });
    writeRun(out, 'a', '2026-11-25T10:00:00.000Z', factsFixture(takesAll));
    writeRun(out, 'b', '2026-11-25T11:00:00.000Z', factsFixture(takesAll, { inventory: renamed }));
    const { verdicts } = await check(folder, '--policy', 'libcamera-0.7.2', ...VIEWFINDER);
    assert.include(verdicts[0], { provider: 'heap:system', kernel: '7.3.4' });
    assert.match(
      verdicts[0]?.findings[0] ?? '',
      /silently changes provider, from heap:reserved to heap:system \(kernel 6\.12\S* then, 7\.3\.4 now\)/,
    );
  });

  test('judges an order of one’s own, for a stated user', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const facts = factsFixture(contiguousDisplay, { inventory: closedNodes() });
    writeRun(join(folder, 'results'), 'a', '2026-11-25T10:00:00.000Z', facts);
    const order = ['--order', 'heap:linux,cma', '--order', 'heap:reserved', '--order', 'udmabuf'];
    const video = await check(folder, ...order, ...VIEWFINDER, '--user', '1000:video');
    assert.include(video.verdicts[0], {
      policy: 'order',
      verdict: 'holds',
      provider: 'heap:reserved',
    });
    assert.deepEqual(video.verdicts[0]?.user, { uid: 1000, groups: ['video'], measured: false });
    const kvm = await check(folder, ...order, ...VIEWFINDER, '--user', '1000:kvm');
    assert.include(kvm.verdicts[0], { verdict: 'breaks', provider: 'udmabuf' });
  });

  test('says of a board that nobody has run what is claimed, and never that it holds or breaks', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const asked = ['--board', 'rpi4', '--policy', 'libcamera-udmabuf-first', ...VIEWFINDER];
    const alone = await check(folder, ...asked);
    assert.equal(alone.code, 0, alone.stderr);
    assert.include(alone.verdicts[0], { verdict: 'unknown', basis: 'claimed', provider: null });
    assert.include(alone.verdicts[0]?.claimed, {
      verdict: 'breaks',
      provider: 'udmabuf',
      standIn: null,
    });
    assert.isNotEmpty(alone.verdicts[0]?.claimed?.sources);
    // With a run of the virtual board in its situation, that one's verdict stands beside.
    const facts = factsFixture(contiguousDisplay, {
      board: 'virtual-no-iommu',
      profile: profileFixture({ name: 'virtual-no-iommu' }),
      virtual: true,
    });
    writeRun(join(folder, 'results'), 'a', '2026-11-25T10:00:00.000Z', facts);
    const beside = await check(folder, ...asked);
    assert.include(beside.verdicts[0]?.claimed?.standIn, {
      board: 'virtual-no-iommu',
      verdict: 'breaks',
    });
    assert.equal(beside.verdicts.length, 1);
  });

  test('claims nothing of formats that a program does not make, and knows a stand-in by its profile', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const profile = profileFixture({ name: 'virtual-no-iommu' });
    const facts = factsFixture(contiguousDisplay, { board: 'another-name', profile });
    writeRun(join(folder, 'results'), 'a', '2026-11-25T10:00:00.000Z', facts);
    const asked = ['--board', 'rpi4', '--policy', 'wlroots-0.21', '--use-case'];
    const yuv = await check(folder, ...asked, 'decoder-gpu');
    assert.include(yuv.verdicts[0], { verdict: 'unknown', applies: false, claimed: null });
    const rgb = await check(folder, ...asked, 'viewfinder-kms');
    assert.isTrue(rgb.verdicts[0]?.applies);
    assert.equal(rgb.verdicts[0]?.claimed?.standIn?.board, 'another-name');
  });

  test('fits 80 columns and says for whom, on what and why', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    writeRun(
      join(folder, 'results'),
      'a',
      '2026-11-25T10:00:00.000Z',
      factsFixture(contiguousDisplay),
    );
    const { code, stdout } = await cli(['policy', 'check'], folder);
    assert.equal(code, 1);
    for (const line of stdout.split('\n')) assert.isAtMost(line.length, 80, line);
    assert.include(stdout, 'what root may open proves');
    assert.match(stdout, /BREAKS with udmabuf: .*libcamera-udmabuf-first/s);
    assert.include(stdout, 'refused at prime-import with EINVAL');
    assert.notInclude(stdout, '\u001b');
  });
});

test.group('policy explain', () => {
  test('shows the way to the provider step by step', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    writeRun(
      join(folder, 'results'),
      'a',
      '2026-11-25T10:00:00.000Z',
      factsFixture(contiguousDisplay),
    );
    const { code, stdout } = await cli(
      ['policy', 'explain', '--policy', 'libcamera-0.7.2', ...VIEWFINDER],
      folder,
    );
    assert.equal(code, 0);
    assert.match(
      stdout,
      /heap:linux,cma\n +is there: no, it is not there -> next provider\n +frame: heap:reserved\n +is there: yes/,
    );
  });
});
