import { z } from 'zod';

/** Who may open a node: the mode bits and owners as `stat` prints them, and what open(2) said. */
const Access = z.strictObject({
  path: z.string(),
  mode: z.string(),
  owner: z.string(),
  group: z.string(),
  /** Null when it opened read-write; else the errno's symbol. */
  openErrno: z.string().nullable(),
});

/** A DRM device, seen through its primary and render nodes. */
const DrmDevice = z.strictObject({
  driver: z.string(),
  card: Access.nullable(),
  render: Access.nullable(),
  /** `/sys/class/drm/cardN/device`'s bus name, and its PCI or device-tree identity. */
  device: z.string().nullable(),
  compatible: z.array(z.string()),
  pci: z.string().nullable(),
  iommuGroup: z.string().nullable(),
  /** The group's type: `DMA`, `DMA-FQ` translate; `identity` does not. */
  iommuType: z.string().nullable(),
  dumb: z.boolean(),
  prime: z.strictObject({ import: z.boolean(), export: z.boolean() }),
  atomic: z.boolean(),
  modifiers: z.boolean(),
  connectors: z.array(z.strictObject({ id: z.int(), type: z.int(), connected: z.boolean() })),
  planes: z.array(
    z.strictObject({
      id: z.int(),
      type: z.enum(['overlay', 'primary', 'cursor']),
      formats: z.array(z.string()),
    }),
  ),
});

/** A V4L2 video node. */
const V4l2Device = z.strictObject({
  driver: z.string(),
  card: z.string(),
  bus: z.string(),
  node: Access,
  kind: z.enum(['m2m-encoder', 'm2m', 'output', 'capture', 'other']),
  multiplanar: z.boolean(),
  iommuGroup: z.string().nullable(),
  /** As a DRM device has it. Runs from before it was read have none. */
  iommuType: z.string().nullable().default(null),
  /** Formats (fourcc) of the OUTPUT queue, then of the CAPTURE queue. */
  outputFormats: z.array(z.string()),
  captureFormats: z.array(z.string()),
});

/** What memory a heap turned out to hand out, by what allocations from it did to the board. */
const HeapRegion = z.strictObject({
  /** cma: from a CMA region. not-cma: neither a region's counter nor CmaFree tells of it. */
  memory: z.enum(['cma', 'not-cma', 'unknown']),
  /** The kernel's name of the CMA region; null where it does not say. */
  name: z.string().nullable(),
  /** KiB of that region; null where the kernel does not say. */
  sizeKiB: z.int().nonnegative().nullable(),
  /**
   * Null where nothing was found. cma-sysfs: the region whose counter rose. symlink: as the heap that
   * it leads to. exhausted: by using another heap up. cma-free: CmaFree fell or did not.
   */
  how: z.enum(['cma-sysfs', 'symlink', 'exhausted', 'cma-free']).nullable(),
  /** Other heaps that were found to hand out the same memory, and other memory, one by one. */
  sameAs: z.array(z.string()),
  differsFrom: z.array(z.string()),
  /** Why not all is known, and what to do about it. */
  why: z.string().nullable(),
});
export type HeapRegion = z.infer<typeof HeapRegion>;

const Heap = z.strictObject({
  name: z.string(),
  node: Access,
  /** What a symlink such as `vidbuf_cached` leads to. */
  target: z.string().nullable(),
  /** Null where nobody asked: no cell needed a heap, or the run did not come to its end. */
  region: HeapRegion.nullable().default(null),
});

const EglDevice = z.strictObject({
  /** `swrast` for Mesa's software device, else the driver of the GBM node. */
  driver: z.string(),
  /** Null when EGL came up; else why not (an EGL error, or the signal that killed the try). */
  error: z.string().nullable(),
  vendor: z.string().nullable(),
  /** GL_RENDERER and GL_VERSION: `llvmpipe (LLVM 19.1.7, 128 bits)`, `OpenGL ES 3.2 Mesa 26.1.6`. */
  renderer: z.string().nullable(),
  version: z.string().nullable(),
});

/** What started the kernel, as far as it tells; null is what it does not tell. */
const Firmware = z.strictObject({
  /** Of DMI: `SeaBIOS`, `1.16.3-debian-1.16.3-2`, `04/01/2014`. */
  biosVendor: z.string().nullable(),
  biosVersion: z.string().nullable(),
  biosDate: z.string().nullable(),
  /** `2025.01-rc4`. */
  uBoot: z.string().nullable(),
  /** Raspberry Pi's boot loader: a git hash, and when it was built, ISO 8601, UTC. */
  rpiVersion: z.string().nullable(),
  rpiBuilt: z.string().nullable(),
});
export type Firmware = z.infer<typeof Firmware>;

/** Everything of a board that a result may hang on. Read once a connection, kept in run.json. */
export const Inventory = z.strictObject({
  kernel: z.strictObject({
    release: z.string(),
    version: z.string(),
    machine: z.string(),
    cmdline: z.string(),
    bootId: z.string(),
    /** /proc/sys/kernel/tainted. */
    taint: z.int(),
    dmesgRestricted: z.boolean(),
  }),
  identity: z.strictObject({
    compatible: z.array(z.string()),
    model: z.string().nullable(),
    dmi: z.strictObject({
      sysVendor: z.string().nullable(),
      productName: z.string().nullable(),
      boardName: z.string().nullable(),
    }),
    pci: z.array(z.string()),
  }),
  /** Null in runs from before it was read. */
  firmware: Firmware.nullable().default(null),
  user: z.strictObject({ uid: z.int(), groups: z.array(z.string()) }),
  memory: z.strictObject({
    pageSize: z.int(),
    totalKiB: z.int(),
    availableKiB: z.int(),
    cmaTotalKiB: z.int(),
    cmaFreeKiB: z.int(),
    /** Per-region counters of CONFIG_CMA_SYSFS, by region name; empty without it. */
    cmaRegions: z.array(z.string()),
  }),
  modules: z.array(z.string()),
  iommus: z.array(z.string()),
  heaps: z.array(Heap),
  udmabuf: z.strictObject({
    node: Access.nullable(),
    listLimit: z.int().nullable(),
    sizeLimitMiB: z.int().nullable(),
  }),
  drm: z.array(DrmDevice),
  v4l2: z.array(V4l2Device),
  /** Empty as well where no cell needed it, and nobody asked. */
  egl: z.array(EglDevice),
  agent: z.strictObject({ version: z.string(), node: z.string(), arch: z.string() }),
});
export type Inventory = z.infer<typeof Inventory>;
