import { type HeapRegion, Inventory } from '../suites/inventory.ts';

const node = (path: string) => ({
  path,
  mode: '0660',
  owner: 'root',
  group: 'video',
  openErrno: null,
});

/** A DRM device of an inventory, for tests: an atomic KMS card with one connected connector. */
export function drmDevice(driver: string, more: object = {}): Inventory['drm'][number] {
  const device = {
    driver,
    card: node('/dev/dri/card0'),
    render: null,
    device: null,
    compatible: [],
    pci: null,
    iommuGroup: null,
    iommuType: null,
    dumb: true,
    prime: { import: true, export: true },
    atomic: true,
    modifiers: true,
    connectors: [{ id: 31, type: 15, connected: true }],
    planes: [{ id: 33, type: 'primary', formats: ['XR24'] }],
    ...more,
  };
  return Inventory.shape.drm.element.parse(device);
}

/** A V4L2 device of an inventory, for tests. */
export function v4l2Device(
  driver: string,
  kind: string,
  more: object = {},
): Inventory['v4l2'][number] {
  const device = {
    driver,
    card: driver,
    bus: 'platform',
    node: node('/dev/video0'),
    kind,
    multiplanar: false,
    iommuGroup: null,
    iommuType: null,
    outputFormats: [],
    captureFormats: [],
    ...more,
  };
  return Inventory.shape.v4l2.element.parse(device);
}

/** A heap of an inventory, for tests. */
export const heap = (name: string, target: string | null = null): Inventory['heaps'][number] => ({
  name,
  node: node(`/dev/dma_heap/${name}`),
  target,
  region: null,
});

/** What was found of a heap's memory, for tests: nothing, but for `more`. */
export const heapRegion = (more: Partial<HeapRegion> = {}): HeapRegion => ({
  memory: 'unknown',
  name: null,
  sizeKiB: null,
  how: null,
  sameAs: [],
  differsFrom: [],
  why: null,
  ...more,
});

/** A board on which nothing is missing, for tests: what virtual-no-iommu looks like to root. */
export function inventoryFixture(more: Partial<Inventory> = {}): Inventory {
  return Inventory.parse({
    kernel: {
      release: '6.12.94-bufmatrix',
      version: '#1 SMP',
      machine: 'x86_64',
      cmdline: 'console=ttyS0',
      bootId: '0f8fad5b-d9cb-469f-a165-70867728950e',
      taint: 0,
      dmesgRestricted: false,
    },
    identity: {
      compatible: [],
      model: null,
      dmi: { sysVendor: 'QEMU', productName: 'Standard PC (Q35 + ICH9, 2009)', boardName: null },
      pci: ['8086:29c0', '1234:11e8'],
    },
    user: { uid: 0, groups: ['root'] },
    memory: {
      pageSize: 4096,
      totalKiB: 1500000,
      availableKiB: 1300000,
      cmaTotalKiB: 65536,
      cmaFreeKiB: 60000,
      cmaRegions: ['reserved'],
    },
    modules: [],
    iommus: [],
    heaps: [heap('reserved'), heap('system')],
    udmabuf: { node: node('/dev/udmabuf'), listLimit: 4096, sizeLimitMiB: 64 },
    drm: [
      drmDevice('contig_kms'),
      drmDevice('vgem', { render: node('/dev/dri/renderD128'), connectors: [], planes: [] }),
    ],
    v4l2: [],
    egl: [
      {
        driver: 'swrast',
        error: null,
        vendor: 'Mesa',
        renderer: 'llvmpipe',
        version: 'OpenGL ES 3.2 Mesa 26.1.6-1',
      },
    ],
    agent: { version: '0.1.0', node: 'v20.11.0', arch: 'x64' },
    ...more,
  });
}
