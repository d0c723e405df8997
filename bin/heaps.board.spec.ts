import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { sameMemory } from '../suites/heap-identity.ts';
import type { Inventory } from '../suites/inventory.ts';
import { packageRoot } from './cli/version.ts';
import { type DeskBoard, deskBoard } from './testing/board.ts';
import { cli, onlyRun, readRun, scratch } from './testing/cli.ts';

/** A busy machine takes a minute for the first start of Node on a 32-bit Arm board. */
const TEST_MS = 10 * 60_000;

/**
 * A kernel that makes every CMA region a heap, and the default one two (add_cma_heaps() in
 * drivers/dma-buf/heaps/cma_heap.c), on a board whose device tree has a region beside it.
 */
const BOARD = 'virtual-pl111';
const KERNEL = '7.3';

/** One boot for all of the tests: each leaves the board as it was. */
let desk: DeskBoard;

/** What a short run says of the heaps, and what its report does. */
async function heapsByRun(folder: string): Promise<{ heaps: Inventory['heaps']; line: string }> {
  const { code, stdout, stderr } = await cli(
    ['run', 'desk', '--suite', 'allocate', '--format', 'XR24'],
    folder,
  );
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  const heaps = readRun(onlyRun(folder)).run.boards[0]?.inventory?.heaps ?? [];
  const report = readFileSync(join(onlyRun(folder), 'matrix.md'), 'utf8');
  return { heaps, line: /^\| Heaps \|(.*)\|$/m.exec(report)?.[1] ?? '' };
}

const hows = (heaps: Inventory['heaps']) =>
  Object.fromEntries(heaps.map(({ name, region }) => [name, region?.how]));

/** Hides the kernel's counters from everybody on the board. */
const HIDE = 'mount -t tmpfs tmpfs /sys/kernel/mm/cma';
const SHOW = 'umount /sys/kernel/mm/cma';

const CMA_FREE = "sed -n 's/^CmaFree: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo";

test.group('heaps of one memory', (group) => {
  group.setup(async () => {
    desk = await deskBoard(BOARD, { name: 'desk-heaps', kernel: KERNEL });
    // The first start of Node fills the page cache, which takes long on a busy machine and moves CmaFree.
    const { folder, remove } = scratch();
    desk.labFile(folder);
    await cli(['doctor', 'desk'], folder).finally(remove);
    return () => desk.stop();
  });

  test('stay unknown where nothing counts and no heap may be used up', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const shipped = readFileSync(join(packageRoot, 'devices', `${BOARD}.yaml`), 'utf8');
    mkdirSync(join(folder, 'profiles'));
    writeFileSync(
      join(folder, 'profiles', 'careful.yaml'),
      `${shipped.replace(`name: ${BOARD}`, 'name: careful')}\nlimits: { exhaustCma: false }\n`,
    );
    const lab = desk.labFile(folder);
    writeFileSync(
      lab,
      readFileSync(lab, 'utf8').replace(`profile: ${BOARD}`, 'profile: profiles/careful.yaml'),
    );
    await desk.shell(HIDE);
    cleanup(async () => void (await desk.shell(SHOW)));
    await desk.shell('dmesg --clear');
    const { stdout } = await cli(['doctor', 'desk'], folder);
    assert.match(stdout, /^heaps: .*camera-pool \(CMA region; whether it is one memory with/m);
    assert.include(stdout, 'limits: {exhaustCma: true} in the profile allows that');
    assert.notInclude(stdout, ' = ');
    assert.equal((await desk.shell("dmesg | grep -c 'alloc failed'")).trim(), '0');
  }).timeout(TEST_MS);

  test('are told by the counters of their regions', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    desk.labFile(folder);
    const { heaps, line } = await heapsByRun(folder);
    assert.deepEqual(hows(heaps), {
      'camera-pool': 'cma-sysfs',
      default_cma_region: 'cma-sysfs',
      reserved: 'cma-sysfs',
      system: 'cma-sysfs',
    });
    assert.equal(sameMemory({ heaps }, 'reserved', 'default_cma_region'), 'yes');
    assert.equal(sameMemory({ heaps }, 'reserved', 'camera-pool'), 'no');
    assert.equal(sameMemory({ heaps }, 'reserved', 'system'), 'no');
    assert.include(line, 'camera-pool (CMA region, 16 MiB)');
    assert.include(line, 'default_cma_region = reserved (one CMA region, 64 MiB)');
    assert.include(line, 'system (not CMA)');
  }).timeout(TEST_MS);

  test('are told by using one up where nothing counts, and all of it is given back', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    desk.labFile(folder);
    await desk.shell(HIDE);
    cleanup(async () => void (await desk.shell(SHOW)));
    // A link is as the heap that it leads to.
    await desk.shell('ln -s reserved /dev/dma_heap/linux,cma');
    cleanup(async () => void (await desk.shell('rm /dev/dma_heap/linux,cma')));
    const { heaps, line } = await heapsByRun(folder);
    assert.deepEqual(hows(heaps), {
      'camera-pool': 'exhausted',
      default_cma_region: 'exhausted',
      'linux,cma': 'symlink',
      reserved: 'exhausted',
      system: 'cma-free',
    });
    assert.equal(sameMemory({ heaps }, 'reserved', 'default_cma_region'), 'yes');
    assert.equal(sameMemory({ heaps }, 'linux,cma', 'default_cma_region'), 'yes');
    assert.equal(sameMemory({ heaps }, 'reserved', 'camera-pool'), 'no');
    assert.equal(sameMemory({ heaps }, 'linux,cma', 'camera-pool'), 'no');
    assert.equal(sameMemory({ heaps }, 'reserved', 'system'), 'no');
    assert.include(line, 'default_cma_region = linux,cma -> reserved = reserved (one CMA region)');
    // The kernel tells of what it refused: that a heap was used up is no claim of ours.
    const log = await desk.shell("dmesg | grep -c 'alloc failed, req-size: 1 pages'");
    assert.isAbove(Number(log), 0);
    // 80 MiB in two regions; freed pages may still be on the processors' own lists.
    assert.isAbove(Number(await desk.shell(CMA_FREE)), 60 * 1024);
  }).timeout(TEST_MS);
});
