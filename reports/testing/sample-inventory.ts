import type { Inventory } from '../../suites/inventory.ts';

const node = (path: string, openErrno: string | null = null) => ({
  path,
  mode: '660',
  owner: 'root',
  group: 'video',
  openErrno,
});

const drm = (
  driver: string,
  card: number,
  iommuGroup: string | null,
): Inventory['drm'][number] => ({
  driver,
  card: node(`/dev/dri/card${card}`),
  render: driver === 'vkms' ? null : node(`/dev/dri/renderD${128 + card}`),
  device: driver === 'vkms' ? null : '0000:00:04.0',
  compatible: [],
  pci: driver === 'vkms' ? null : '1234:11e8',
  iommuGroup,
  iommuType: iommuGroup && 'DMA',
  dumb: true,
  prime: { import: true, export: true },
  atomic: true,
  modifiers: false,
  connectors: [{ id: 31, type: 15, connected: true }],
  planes: [{ id: 33, type: 'primary', formats: ['XR24', 'YU12', 'NV12'] }],
});

const v4l2 = (
  driver: string,
  video: number,
  kind: Inventory['v4l2'][number]['kind'],
): Inventory['v4l2'][number] => ({
  driver,
  card: driver,
  bus: `platform:${driver}`,
  node: node(`/dev/video${video}`),
  kind,
  multiplanar: driver === 'vicodec',
  iommuGroup: null,
  iommuType: null,
  outputFormats: ['NV12', 'YU12', 'XR24'],
  captureFormats: ['FWHT'],
});

/** What differs from one sample board to another. */
export interface SampleBoard {
  readonly iommus?: readonly string[];
  readonly mesa?: string;
  readonly dmi?: readonly [string, string];
}

/** An inventory with the values of a virtual board, kernel 6.12.94. */
export function sampleInventory(board: SampleBoard = {}): Inventory {
  const {
    iommus = [],
    mesa = 'Mesa 26.1.6-1',
    dmi = ['QEMU', 'Standard PC (Q35 + ICH9, 2009)'],
  } = board;
  return {
    kernel: {
      release: '6.12.94',
      version: '#1 SMP PREEMPT_DYNAMIC Mon Nov 23 2026',
      machine: 'x86_64',
      cmdline: `console=ttyS0 root=/dev/root rw${iommus.length ? ' intel_iommu=on iommu.strict=1' : ''}`,
      bootId: '6f0c9b1e-8f5e-4c0e-9a0e-5d1a2b3c4d5e',
      taint: board.mesa ? 0x200 : 0,
      dmesgRestricted: false,
    },
    identity: {
      compatible: [],
      model: null,
      dmi: { sysVendor: dmi[0], productName: dmi[1], boardName: null },
      pci: board.dmi ? ['1002:15bf'] : ['1234:11e8'],
    },
    firmware: {
      biosVendor: board.dmi ? 'Sample' : 'SeaBIOS',
      biosVersion: board.dmi ? '1.2' : '1.16.3-debian-1.16.3-2',
      biosDate: '04/01/2014',
      uBoot: null,
      rpiVersion: null,
      rpiBuilt: null,
    },
    user: { uid: 1000, groups: ['video', 'render'] },
    memory: {
      pageSize: 4096,
      totalKiB: 1_507_328,
      availableKiB: 1_331_200,
      cmaTotalKiB: 65_536,
      cmaFreeKiB: 61_440,
      cmaRegions: ['reserved'],
    },
    modules: ['contig_kms', 'vkms', 'vicodec', 'vivid'],
    iommus: [...iommus],
    heaps: [
      { name: 'reserved', node: node('/dev/dma_heap/reserved'), target: null, region: null },
      { name: 'system', node: node('/dev/dma_heap/system'), target: null, region: null },
    ],
    udmabuf: { node: node('/dev/udmabuf'), listLimit: 1024, sizeLimitMiB: 64 },
    drm: [drm('contig_kms', 0, iommus.length ? '3' : null), drm('vkms', 1, null)],
    v4l2: [v4l2('vicodec', 0, 'm2m-encoder'), v4l2('vivid', 2, 'output')],
    egl: [
      {
        driver: 'vkms',
        error: null,
        vendor: 'Mesa Project',
        renderer: 'llvmpipe (LLVM 19.1.7, 128 bits)',
        version: `OpenGL ES 3.2 ${mesa}`,
      },
    ],
    agent: { version: '0.1.0', node: '20.19.2', arch: 'x64' },
  };
}
