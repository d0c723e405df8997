import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@japa/runner';
import fc from 'fast-check';
import type { Inventory } from '../suites/inventory.ts';
import { plan } from '../suites/plan.ts';
import { diagnose } from './doctor.ts';
import { drmDevice, heap, heapRegion, inventoryFixture, v4l2Device } from './inventory-fixture.ts';
import { loadProfile, loadProfiles } from './load.ts';
import { planInput } from './planning.ts';
import { Profile } from './profile.ts';
import { iommuDifferences, missingDevices, recognise } from './recognise.ts';
import { skeletonProfile } from './skeleton.ts';

const profiles = loadProfiles(dirname(fileURLToPath(import.meta.url))).map(
  ({ profile }) => profile,
);
const named = (name: string): Profile => {
  const found = profiles.find((profile) => profile.name === name);
  if (!found) throw new Error(`no profile ${name}`);
  return found;
};
const names = (inventory: Inventory) =>
  recognise(profiles, inventory).map(({ profile }) => profile.name);

const identity = (more: Partial<Inventory['identity']>) => ({
  ...inventoryFixture().identity,
  ...more,
});
const behindIommu = drmDevice('contig_kms', { iommuGroup: '3', iommuType: 'DMA' });
const vgem = drmDevice('vgem', { connectors: [], planes: [] });

test.group('recognising a board', () => {
  test('by PCI id and drivers, told from its twin by the IOMMU', ({ assert }) => {
    const without = recognise(profiles, inventoryFixture());
    assert.equal(without[0]?.profile.name, 'virtual-no-iommu');
    assert.equal(without[0]?.because, 'PCI device 1234:11e8; drivers contig_kms, vgem');
    const behind = inventoryFixture({ drm: [behindIommu, vgem] });
    assert.deepEqual(names(behind), ['virtual-iommu', 'virtual-no-iommu']);
  });

  test('by device tree', ({ assert }) => {
    const compatible = ['raspberrypi,4-model-b', 'brcm,bcm2711'];
    const [first] = recognise(
      profiles,
      inventoryFixture({
        identity: identity({ compatible, pci: [] }),
        drm: [drmDevice('vc4'), drmDevice('v3d')],
        v4l2: [v4l2Device('bcm2835-codec', 'm2m-encoder')],
      }),
    );
    assert.equal(first?.profile.name, 'rpi4');
    assert.equal(first?.because, 'device tree says raspberrypi,4-model-b');
  });

  test('by DMI, all of its strings', ({ assert }) => {
    const entry = { dmi: { sysVendor: 'QEMU', productName: 'Standard PC (Q35 + ICH9, 2009)' } };
    const profile = Profile.parse({
      schema: 1,
      name: 'q',
      title: 'Q',
      devices: {},
      recognise: [entry],
    });
    assert.lengthOf(recognise([profile], inventoryFixture()), 1);
    const other = identity({ dmi: { sysVendor: 'QEMU', productName: 'x', boardName: null } });
    assert.lengthOf(recognise([profile], inventoryFixture({ identity: other })), 0);
  });

  test('a board that no profile knows is none of them', ({ assert }) => {
    assert.deepEqual(names(inventoryFixture({ drm: [], identity: identity({ pci: [] }) })), []);
  });
});

test.group('missing devices', () => {
  test('none on the board that the profile describes', ({ assert }) => {
    assert.deepEqual(missingDevices(named('virtual-no-iommu'), inventoryFixture()), []);
    assert.deepEqual(diagnose(named('virtual-no-iommu'), inventoryFixture()), []);
  });

  test('each is named with what the board has instead', ({ assert }) => {
    const inventory = inventoryFixture({
      drm: [vgem],
      v4l2: [v4l2Device('vivid', 'capture')],
    });
    assert.deepEqual(missingDevices(named('virtual-contiguous-v4l2'), inventory), [
      'no card node of the KMS driver contig_kms; the board has vgem',
      'no V4L2 output device of the driver vivid; the board has vivid (capture)',
    ]);
    assert.deepEqual(missingDevices(named('rpi5'), inventoryFixture({ drm: [] })), [
      'no DRM node of the GPU driver v3d; the board has none',
      'no DRM node of the GPU driver vc4; the board has none',
      'no card node of the KMS driver vc4; the board has none',
    ]);
  });

  test('a node that is closed to the user is there', ({ assert }) => {
    const closed = { path: '/dev/x', mode: '0600', owner: 'root', group: 'root' };
    const node = { ...closed, openErrno: 'EACCES' };
    const inventory = inventoryFixture({
      drm: [
        vgem,
        drmDevice('contig_kms', { card: node, dumb: false, atomic: false, connectors: [] }),
      ],
      v4l2: [v4l2Device('vivid', 'other', { node })],
    });
    const profile = named('virtual-contiguous-v4l2');
    assert.deepEqual(missingDevices(profile, inventory), []);
    assert.deepEqual(
      diagnose(profile, inventory).map(({ problem }) => problem),
      [
        '/dev/x would not open: EACCES (0600, group root)',
        '/dev/x would not open: EACCES (0600, group root)',
      ],
    );
    // One that opens and is something else is not what is missing.
    const radio = inventoryFixture({ drm: inventory.drm, v4l2: [v4l2Device('vivid', 'other')] });
    assert.lengthOf(missingDevices(profile, radio), 1);
  });

  test('an identity domain is no IOMMU, before a video node either', ({ assert }) => {
    const said = (iommuType: string) => {
      const v4l2 = [v4l2Device('vicodec', 'm2m-encoder', { iommuGroup: '7', iommuType })];
      const text = skeletonProfile(inventoryFixture({ v4l2 }), 'new-board');
      return /"vicodec", kind: m2m, iommu: (\w+)/.exec(text)?.[1];
    };
    assert.deepEqual(['DMA-FQ', 'identity'].map(said), ['yes', 'no']);
    const profile = Profile.parse({
      schema: 1,
      name: 'p',
      title: 'P',
      devices: { encoder: [{ driver: 'vicodec', kind: 'm2m', iommu: 'yes' }] },
    });
    const differences = (iommuType: string) =>
      iommuDifferences(
        profile,
        inventoryFixture({
          v4l2: [v4l2Device('vicodec', 'm2m-encoder', { iommuGroup: '7', iommuType })],
        }),
      ).length;
    assert.deepEqual(['DMA', 'identity'].map(differences), [0, 1]);
  });

  test('a heap counts when a backend needs it by name, on kernels that have it', ({ assert }) => {
    const heaps = [{ name: 'default_cma_region', kernel: '>=6.17' }, 'vidbuf_cached'];
    const profile = Profile.parse({
      schema: 1,
      name: 'h',
      title: 'H',
      devices: { heaps },
      backends: ['heap:default_cma_region', 'heap:vidbuf_cached', 'heap:*', 'dumb:nouveau'],
    });
    assert.deepEqual(missingDevices(profile, inventoryFixture()), [
      'no heap /dev/dma_heap/vidbuf_cached; the board has reserved, system',
      'no device of the driver nouveau, for dumb:nouveau',
    ]);
  });
});

test.group('doctor', () => {
  const closed = (path: string, group: string, openErrno: string) => ({
    path,
    mode: '0660',
    owner: 'root',
    group,
    openErrno,
  });
  const asUser = { uid: 1000, groups: ['pi'] };
  const base = inventoryFixture();
  test('{mend}')
    .with([
      {
        board: { udmabuf: { node: null, listLimit: null, sizeLimitMiB: null } },
        problem: 'there is no /dev/udmabuf',
        mend: 'sudo modprobe udmabuf   # if that fails, the kernel needs CONFIG_UDMABUF=y',
      },
      {
        board: { udmabuf: { ...base.udmabuf, listLimit: 1024 } },
        problem:
          'the largest frame has 2026 pages and udmabuf takes 1024 in a list, so udmabuf-scattered is unsupported there',
        mend: 'echo 2026 | sudo tee /sys/module/udmabuf/parameters/list_limit',
      },
      {
        board: { udmabuf: { ...base.udmabuf, sizeLimitMiB: 4 } },
        problem: 'the largest frame has 8 MiB and udmabuf makes at most 4',
        mend: 'echo 8 | sudo tee /sys/module/udmabuf/parameters/size_limit_mb',
      },
      {
        board: { udmabuf: { ...base.udmabuf, node: closed('/dev/udmabuf', 'kvm', 'EACCES') } },
        problem: '/dev/udmabuf would not open: EACCES (0660, group kvm)',
        mend: 'sudo usermod -aG kvm "$USER"   # then log in again',
      },
      {
        board: {
          heaps: [
            { ...heap('system'), node: closed('/dev/dma_heap/system', 'root', 'EACCES') },
            heap('reserved'),
          ],
        },
        problem: '/dev/dma_heap/system would not open: EACCES (0660, group root)',
        mend: 'sudo chgrp video /dev/dma_heap/system && sudo chmod g+rw /dev/dma_heap/system   # for good: a udev rule with GROUP="video", MODE="0660"',
      },
      {
        board: { heaps: [] },
        problem: 'there is no heap in /dev/dma_heap',
        mend: 'the kernel needs CONFIG_DMABUF_HEAPS=y, CONFIG_DMABUF_HEAPS_SYSTEM=y and CONFIG_DMABUF_HEAPS_CMA=y',
      },
      {
        board: { heaps: [heap('system'), heap('vidbuf_cached', 'system')] },
        problem: 'there is 65536 KiB of CMA but no heap of contiguous memory',
        mend: 'the kernel needs CONFIG_DMABUF_HEAPS_CMA=y and a region: add cma=64M to its command line',
      },
      {
        board: {
          drm: [
            drmDevice('contig_kms', { connectors: [{ id: 1, type: 11, connected: false }] }),
            vgem,
          ],
        },
        problem: 'contig_kms: no connector is connected, so no commit can be tested',
        mend: 'echo on | sudo tee /sys/class/drm/card0-HDMI-A-1/status   # or video=HDMI-A-1:1920x1080@60D on the kernel command line',
      },
      {
        board: { drm: [drmDevice('contig_kms', { atomic: false }), vgem] },
        problem: 'contig_kms: the driver has no atomic modesetting, so planes cannot be tested',
        mend: 'take kms-primary and kms-overlay out of the profile, or use a newer kernel',
      },
      {
        board: {
          drm: [
            drmDevice('contig_kms', { card: closed('/dev/dri/card0', 'video', 'EBUSY') }),
            vgem,
          ],
        },
        problem: '/dev/dri/card0 would not open: EBUSY (0660, group video)',
        mend: 'sudo fuser -v /dev/dri/card0   # who has it; stop that program',
      },
      {
        board: { drm: [drmDevice('contig_kms')] },
        problem: 'no DRM node of the GPU driver vgem; the board has contig_kms',
        mend: 'sudo modprobe vgem   # or the module that has it; else take it out of the profile',
      },
      {
        board: { drm: [behindIommu, vgem] },
        problem:
          'the profile says that contig_kms has no IOMMU in front of it, and the kernel shows one that translates',
        mend: 'correct iommu: in the profile, or see /sys/kernel/iommu_groups and the kernel command line (intel_iommu=on)',
      },
      {
        board: {
          egl: [
            {
              driver: 'swrast',
              error: 'dlopen libEGL.so.1',
              vendor: null,
              renderer: null,
              version: null,
            },
          ],
        },
        problem: 'egl:swrast does not come up: dlopen libEGL.so.1',
        mend: 'sudo apt install libegl1 libgles2 libgbm1 libgl1-mesa-dri',
      },
      {
        board: { kernel: { ...base.kernel, taint: 4096 + 512 } },
        problem: 'the kernel is tainted (4608): it has had a warning since it was started',
        mend: 'sudo reboot   # /proc/sys/kernel/tainted tells',
      },
    ] satisfies { board: Partial<Inventory>; problem: string; mend: string }[])
    .run(({ assert }, { board, problem, mend }) =>
      assert.deepEqual(diagnose(named('virtual-no-iommu'), inventoryFixture(board)), [
        { problem, mend },
      ]),
    );

  test('a user who may not read the kernel log is told both of the things that are closed', ({
    assert,
  }) => {
    const kernel = { ...base.kernel, dmesgRestricted: true };
    const found = diagnose(named('virtual-no-iommu'), inventoryFixture({ kernel, user: asUser }));
    assert.deepEqual(
      found.map(({ mend }) => mend),
      [
        'sudo sysctl kernel.dmesg_restrict=0',
        'connect as root (access: ssh://root@HOST in the lab file)',
      ],
    );
  });
});

test.group('planning', () => {
  test('heap:* is every heap that the board has, else those of the profile', ({ assert }) => {
    const profile = named('virtual-no-iommu');
    const backends = (inventory: Inventory | null) =>
      planInput(profile, inventory, { board: 'b' }).backends.filter((name) =>
        name.startsWith('heap:'),
      );
    assert.deepEqual(backends(null), ['heap:reserved', 'heap:system']);
    const names = ['default_cma_region', 'linux,cma', 'vpu@b0000000', 'bad name'];
    const heaps = names.map((name) => heap(name));
    assert.deepEqual(backends(inventoryFixture({ heaps })), [
      'heap:default_cma_region',
      'heap:linux,cma',
      'heap:vpu@b0000000',
    ]);
  });

  test('left out: the default backends, and every suite that there are devices for', ({
    assert,
  }) => {
    const devices = {
      gpu: [{ driver: 'swrast' }, { driver: 'v3d' }],
      kms: [{ driver: 'vc4' }],
      encoder: [{ driver: 'bcm2835-codec', kind: 'm2m' }],
    };
    const profile = Profile.parse({ schema: 1, name: 'd', title: 'D', devices });
    const input = planInput(profile, inventoryFixture(), { board: 'b', repeat: 3 });
    assert.deepEqual(input.backends, [
      'udmabuf',
      'udmabuf-scattered',
      'heap:reserved',
      'heap:system',
      'dumb:vc4',
      'gbm:v3d',
      'v4l2:bcm2835-codec',
    ]);
    const namesOf = (kept: object) =>
      planInput(Profile.parse({ schema: 1, name: 'd', title: 'D', devices: kept }), null, {
        board: 'b',
      }).suites.map(({ name }) => name);
    assert.deepEqual(namesOf({ kms: devices.kms }), [
      'allocate',
      'cpu',
      'kms-primary',
      'kms-overlay',
    ]);
    assert.deepEqual(namesOf({ encoder: devices.encoder }), ['allocate', 'cpu', 'encoder']);
    assert.deepEqual(input.importers, [
      { kind: 'egl', driver: 'swrast' },
      { kind: 'egl', driver: 'v3d' },
      { kind: 'kms', driver: 'vc4' },
      { kind: 'v4l2-m2m', driver: 'bcm2835-codec' },
    ]);
    assert.equal(input.repeat, 3);
    assert.deepEqual(input.limits, { cellMs: 20_000, bufferMiB: 64, modeset: false });
  });

  test('importers are of the kinds that the suites ask for', ({ assert }) => {
    const { importers } = planInput(named('virtual-scatter'), null, { board: 'b' });
    assert.deepEqual(
      importers.map(({ kind, driver }) => `${kind}:${driver}`),
      ['egl:swrast', 'egl:vkms', 'egl:vgem', 'kms:vkms', 'v4l2-m2m:vicodec'],
    );
  });
});

test.group('Intel graphics', () => {
  const shipped = loadProfiles(dirname(fileURLToPath(import.meta.url))).map(
    ({ profile }) => profile,
  );
  test('{what} is {profile} first')
    .with([
      { what: 'Raptor Lake on i915', id: '8086:a780', driver: 'i915', profile: 'intel-llc' },
      { what: 'Gemini Lake on i915', id: '8086:3185', driver: 'i915', profile: 'intel-no-llc' },
      { what: 'Meteor Lake on i915', id: '8086:7d55', driver: 'i915', profile: 'intel-no-llc' },
      { what: 'Lunar Lake on xe', id: '8086:64a0', driver: 'xe', profile: 'intel-xe' },
    ])
    .run(({ assert }, { id, driver, profile }) => {
      const inventory = inventoryFixture({
        identity: identity({ pci: [id] }),
        drm: [drmDevice(driver)],
      });
      assert.equal(recognise(shipped, inventory)[0]?.profile.name, profile);
    });
});

test.group('skeletons', () => {
  function loaded(inventory: Inventory, name = 'new-board'): Profile {
    const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-skeleton-'));
    try {
      writeFileSync(join(folder, `${name}.yaml`), skeletonProfile(inventory, name));
      return loadProfile(join(folder, `${name}.yaml`)).profile;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test('it loads, is recognised, and names what the board has', ({ assert }) => {
    const inventory = inventoryFixture({
      v4l2: [v4l2Device('bcm2835-codec', 'm2m-encoder'), v4l2Device('uvcvideo', 'capture')],
      heaps: [heap('linux,cma'), heap('vpu@b0000000'), heap('vidbuf_cached', 'system')],
    });
    const profile = loaded(inventory);
    assert.equal(profile.title, 'Standard PC (Q35 + ICH9, 2009)');
    assert.deepEqual(profile.devices, {
      gpu: [
        { driver: 'swrast', iommu: 'unknown' },
        { driver: 'vgem', iommu: 'no' },
      ],
      kms: [{ driver: 'contig_kms', iommu: 'no' }],
      encoder: [{ driver: 'bcm2835-codec', kind: 'm2m', iommu: 'no' }],
      heaps: ['linux,cma', 'vpu@b0000000', 'vidbuf_cached'],
    });
    assert.deepEqual(profile.backends, [
      'udmabuf',
      'udmabuf-scattered',
      'heap:*',
      'dumb:contig_kms',
      'dumb:vgem',
      'gbm:vgem',
      'v4l2:bcm2835-codec',
      'v4l2:uvcvideo',
    ]);
    assert.lengthOf(recognise([profile], inventory), 1);
    assert.deepEqual(missingDevices(profile, inventory), []);
    assert.isAbove(plan(planInput(profile, inventory, { board: 'b' })).cells.length, 100);
  });

  test('names of one memory are said to be, in comments', ({ assert }) => {
    const region = heapRegion({
      memory: 'cma',
      name: 'linux,cma',
      sizeKiB: 65536,
      how: 'cma-sysfs',
    });
    const heaps = [
      { ...heap('linux,cma'), region },
      { ...heap('default_cma_region'), region },
      { ...heap('system'), region: heapRegion({ memory: 'not-cma', how: 'cma-sysfs' }) },
      heap('unasked'),
    ];
    const inventory = inventoryFixture({ heaps });
    const lines = skeletonProfile(inventory, 'new-board').split('\n');
    const at = lines.indexOf('  heaps:');
    assert.deepEqual(lines.slice(at + 1, at + 5), [
      '    - "linux,cma"   # the same memory as default_cma_region; one CMA region, 64 MiB',
      '    - "default_cma_region"   # the same memory as linux,cma; one CMA region, 64 MiB',
      '    - "system"   # not CMA',
      '    - "unasked"',
    ]);
    assert.lengthOf(loaded(inventory).devices.heaps, 4);
  });

  test('a bare board gives one as well', ({ assert }) => {
    const bare = inventoryFixture({
      drm: [],
      v4l2: [],
      heaps: [],
      egl: [],
      identity: identity({ dmi: { sysVendor: null, productName: null, boardName: null } }),
    });
    assert.deepEqual(loaded(bare).recognise, []);
  });

  test('whatever the board says of itself, it loads', ({ assert }) => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const driver = fc.oneof(
      text,
      fc.constantFrom('vc4', '6.10', 'no', 'null', '0x10', 'a: b', '#x', '*y', '-z'),
    );
    fc.assert(
      fc.property(text, driver, driver, text, (model, drm, v4l2, name) => {
        const inventory = inventoryFixture({
          kernel: { ...inventoryFixture().kernel, release: model },
          identity: identity({ model, compatible: [name] }),
          drm: [drmDevice(drm), drmDevice(drm, { card: null })],
          v4l2: [v4l2Device(v4l2, 'm2m-encoder'), v4l2Device(v4l2, 'm2m-encoder')],
          heaps: [
            { ...heap(name), region: heapRegion({ name: model, sameAs: [drm], why: name }) },
            heap(drm, model),
            heap(drm),
          ],
        });
        assert.equal(loaded(inventory).name, 'new-board');
      }),
      { numRuns: 200 },
    );
  });

  test('names that cannot be a file are refused: {$self}')
    .with(['', '-x', 'a/b', '..', 'a b', 'x\n'])
    .run(({ assert }, name) =>
      assert.throws(() => skeletonProfile(inventoryFixture(), name), /cannot be a profile's name/),
    );
});
