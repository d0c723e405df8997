import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@japa/runner';
import { plan } from '../suites/plan.ts';
import type { Outcome } from '../suites/record.ts';
import { listOf, matchExpectation } from './expect.ts';
import { inRange } from './kernel-version.ts';
import { loadProfiles } from './load.ts';
import { planInput } from './planning.ts';
import { type Expectation, mayExhaustCma, type Profile } from './profile.ts';

const folder = dirname(fileURLToPath(import.meta.url));
const profiles = loadProfiles(folder);
const REAL = [
  'imx8mp-nxp',
  'imx8mp',
  'imx8mq',
  'intel-llc',
  'intel-no-llc',
  'intel-xe',
  'rpi4',
  'rpi5-mainline',
  'rpi5',
];
const VIRTUAL = [
  'virtual-contiguous-v4l2',
  'virtual-iommu',
  'virtual-no-iommu',
  'virtual-pl111',
  'virtual-scatter',
];

const named = (name: string): Profile => {
  const found = profiles.find(({ profile }) => profile.name === name);
  if (!found) throw new Error(`no profile ${name}`);
  return found.profile;
};

const cellsOf = (profile: Profile) => plan(planInput(profile, null, { board: 'b' })).cells;

/** What is expected of a cell on a kernel: outcomes, or `anything` that is clean. */
function outcomes(board: string, id: string, kernel: string, mesa = '26.1.6'): string {
  const profile = named(board);
  const cell = cellsOf(profile).find((one) => one.id === id);
  if (!cell) throw new Error(`${board} has no cell ${id}`);
  const found: Expectation | null = matchExpectation(profile, cell, kernel, mesa);
  if (!found) return 'anything clean';
  const lucky: Outcome | string = found.orLucky ? ' or lucky' : '';
  return `${listOf(found.outcome).join(' ')}${lucky}`;
}

test.group('shipped profiles', () => {
  test('the five virtual boards and the real ones load', ({ assert }) => {
    assert.deepEqual(
      profiles.map(({ profile }) => profile.name),
      [...REAL, ...VIRTUAL],
    );
    const machines = profiles.filter(({ profile }) => profile.machine);
    assert.deepEqual(
      machines.map(({ profile }) => profile.name),
      VIRTUAL,
    );
  });

  test('a heap may be used up on a virtual board, elsewhere only where its owner says so', ({
    assert,
  }) => {
    for (const { profile } of profiles)
      assert.equal(mayExhaustCma(profile), VIRTUAL.includes(profile.name), profile.name);
    const said = (name: string, exhaustCma: boolean) => {
      const profile = named(name);
      return mayExhaustCma({ ...profile, limits: { ...profile.limits, exhaustCma } });
    };
    assert.isTrue(said('rpi4', true));
    assert.isFalse(said('virtual-pl111', false));
  });

  test('{$self} names its schema for editors, and every expectation a reason')
    .with([...REAL, ...VIRTUAL])
    .run(({ assert }, name) => {
      const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
      assert.match(text, /^# yaml-language-server: \$schema=\.\/schema\/profile\.schema\.json\n/);
      for (const { reason } of named(name).expect) assert.isAbove(reason.length, 10);
    });

  test('nobody has run {$self}: all of it is claimed, and a virtual board stands in')
    .with(REAL)
    .run(({ assert }, name) => {
      const { expect, standIn, about } = named(name);
      assert.isAbove(expect.length, 4);
      for (const { basis, reason } of expect) assert.equal(basis, 'claimed', reason);
      assert.include(VIRTUAL, standIn?.profile ?? 'none');
      assert.match(about, /^Not measured: /);
    });

  test('what is called measured of {$self} was seen on that board')
    .with(VIRTUAL)
    .run(({ assert }, name) => {
      const measured = named(name).expect.filter(({ basis }) => basis === 'measured');
      assert.isAbove(measured.length, 4);
      for (const { source, kernel, reason } of measured) {
        const [seen = ''] = listOf(source);
        const said = new RegExp(`^${name}, kernel ((?:6\\.12|7\\.3)\\.\\d+)\\b`).exec(seen);
        assert.isNotNull(said, `${seen}: ${reason}`);
        assert.isTrue(kernel === undefined || inRange(said?.[1] ?? '', kernel), reason);
      }
    });

  test('an emulated run stays short: {$self} has at most 400 cells')
    .with(VIRTUAL)
    .run(({ assert }, name) => assert.isAtMost(cellsOf(named(name)).length, 400));

  test('the two twins differ in nothing but the IOMMU', ({ assert }) => {
    const strip = ({ machine, devices, ...profile }: Profile) => {
      const { name, title, about, expect, ...rest } = profile;
      const kms = devices.kms.map(({ driver }) => driver);
      const cmdline = machine?.cmdline.filter((word) => !/iommu/.test(word));
      const qemu = machine?.devices.filter((device) => device !== 'intel-iommu');
      return {
        ...rest,
        devices: { ...devices, kms },
        machine: { ...machine, cmdline, devices: qemu },
      };
    };
    assert.deepEqual(strip(named('virtual-iommu')), strip(named('virtual-no-iommu')));
  });

  test('{board} {id} on {kernel}: {is}')
    .with([
      {
        board: 'virtual-no-iommu',
        id: 'kms-primary/udmabuf-scattered/kms:contig_kms/NV12/640x480/0x0',
        kernel: '6.12.94',
        is: 'refused',
      },
      {
        board: 'virtual-no-iommu',
        id: 'kms-overlay/heap:system/kms:contig_kms/XR24/1920x1080/0x0',
        kernel: '6.12.94',
        is: 'refused or lucky',
      },
      {
        board: 'virtual-no-iommu',
        id: 'kms-overlay/dumb:vgem/kms:contig_kms/XR24/1920x1080/0x0',
        kernel: '6.12.94',
        is: 'refused or lucky',
      },
      {
        board: 'virtual-no-iommu',
        id: 'kms-primary/dumb:contig_kms/kms:contig_kms/YU12/640x480/0x0',
        kernel: '6.12.94',
        is: 'pass',
      },
      {
        board: 'virtual-no-iommu',
        id: 'egl-sample/udmabuf-scattered/egl:vgem/NV12/640x480/0x0',
        kernel: '6.12.94',
        is: 'pass',
      },
      {
        board: 'virtual-no-iommu',
        id: 'egl-render/udmabuf/egl:swrast/NV12/640x480/0x0',
        kernel: '6.12.94',
        is: 'unsupported',
      },
      {
        board: 'virtual-iommu',
        id: 'kms-primary/udmabuf-scattered/kms:contig_kms/NV12/640x480/0x0',
        kernel: '6.12.94',
        is: 'pass',
      },
      {
        board: 'virtual-contiguous-v4l2',
        id: 'encoder/udmabuf-scattered/v4l2-output:vivid/NV12/640x480/0x0',
        kernel: '6.12.94',
        is: 'refused',
      },
      {
        board: 'virtual-contiguous-v4l2',
        id: 'encoder/udmabuf/v4l2-output:vivid/XR24/640x480/0x0',
        kernel: '6.12.94',
        is: 'refused or lucky',
      },
      {
        board: 'virtual-contiguous-v4l2',
        id: 'encoder/heap:reserved/v4l2-output:vivid/XR24/640x480/0x0',
        kernel: '6.12.94',
        is: 'pass',
      },
      {
        board: 'virtual-scatter',
        id: 'kms-primary/udmabuf/kms:vkms/NV12/640x480/0x0',
        kernel: '6.12.94',
        is: 'refused',
      },
      {
        board: 'virtual-scatter',
        id: 'kms-primary/udmabuf/kms:vkms/NV12/640x480/0x0',
        kernel: '7.3.4',
        is: 'pass',
      },
      {
        board: 'virtual-scatter',
        id: 'kms-primary/udmabuf-scattered/kms:vkms/XR24/640x480/0x0',
        kernel: '6.12.94',
        is: 'pass',
      },
      {
        board: 'virtual-scatter',
        id: 'kms-primary/udmabuf-scattered/kms:vkms/XR24/1920x1080/0x0',
        kernel: '6.12.94',
        is: 'unsupported',
      },
      {
        board: 'virtual-scatter',
        id: 'encoder/dumb:vgem/v4l2-m2m:vicodec/NV12/640x480/0x0',
        kernel: '6.12.94',
        is: 'pass',
      },
      {
        board: 'virtual-pl111',
        id: 'kms-primary/udmabuf-scattered/kms:pl111/XR24/640x480/0x0',
        kernel: '6.12.94',
        is: 'refused',
      },
      {
        board: 'virtual-pl111',
        id: 'kms-primary/heap:reserved/kms:pl111/XR24/640x480/0x0',
        kernel: '6.12.94',
        is: 'pass',
      },
      {
        board: 'virtual-pl111',
        id: 'kms-primary/heap:reserved/kms:pl111/NV12/640x480/0x0',
        kernel: '6.12.94',
        is: 'refused unsupported',
      },
      {
        board: 'virtual-no-iommu',
        id: 'allocate/heap:system/-/XR24/640x480/0x0',
        kernel: '6.12.94',
        is: 'pass',
      },
      {
        board: 'virtual-no-iommu',
        id: 'allocate/gbm:vgem/-/NV12/640x480/-',
        kernel: '6.12.94',
        is: 'unsupported',
      },
      {
        board: 'virtual-no-iommu',
        id: 'allocate/gbm:vgem/-/XR24/640x480/-',
        kernel: '6.12.94',
        is: 'anything clean',
      },
    ])
    .run(({ assert }, { board, id, kernel, is }) => assert.equal(outcomes(board, id, kernel), is));

  test('the crash of Mesa 25.0 is known, and gone in 26.1', ({ assert }) => {
    const id = 'egl-sample/udmabuf/egl:vgem/XR24/640x480/0x0';
    const old = outcomes('virtual-no-iommu', id, '6.12.94', '25.0.7-2');
    assert.equal(old, 'crash refused unsupported');
    assert.equal(outcomes('virtual-no-iommu', id, '6.12.94', '26.1.6'), 'pass');
  });

  test('the published JSON Schemas are those of the code', ({ assert }) => {
    const script = join(folder, '../scripts/schemas.ts');
    assert.doesNotThrow(() =>
      execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' }),
    );
  });
});
