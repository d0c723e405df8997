import { isSystemHeap } from './heap-kind.ts';
import type { BufferFacts, CellRecord } from './record.ts';

/**
 * DRM drivers whose own buffers are one piece of memory: they allocate by drm_gem_dma_create()
 * (drivers/gpu/drm/drm_gem_dma_helper.c), as all that name DRM_GEM_DMA_DRIVER_OPS in Linux 6.12 do.
 * A driver that is not here counts as scattered. A new one is a row.
 */
const CONTIGUOUS_DRM: ReadonlySet<string> = new Set([
  'arcpgu',
  'aspeed-gfx-drm',
  'atmel-hlcdc',
  'contig_kms',
  'fsl-dcu-drm',
  'hdlcd',
  'imx-dcss',
  'imx-drm',
  'imx-lcdc',
  'imx-lcdif',
  'ingenic-drm',
  'kirin',
  'kmb-drm',
  'komeda',
  'logicvc-drm',
  'mali-dp',
  'mcde',
  'meson',
  'mxsfb-drm',
  'pl111',
  'rcar-du',
  'rzg2l-du',
  'shmob-drm',
  'sprd',
  'sti',
  'stm',
  'sun4i-drm',
  'tidss',
  'tilcdc',
  'tve200',
  'vc4',
  'zynqmp-dpsub',
]);

/** What is looked at: a record has it. */
export interface Shared extends Pick<CellRecord, 'backend'> {
  readonly importer: { readonly driver: string } | null;
  readonly buffer: Pick<BufferFacts, 'exporter'> | null;
}

/**
 * Whether a buffer is contiguous by construction, so that no luck is in its being taken: the
 * importing device's own, a CMA heap's, or one of a driver that allocates nothing else. Told by the
 * kernel's name of the dma-buf's exporter where it is known, else by the backend's name.
 */
export function contiguousByConstruction({ backend, importer, buffer }: Shared): boolean {
  const [kind = '', name = ''] = backend.split(/:(.*)/s, 2);
  const exporter = buffer?.exporter ?? null;
  switch (kind) {
    case 'heap':
      return !isSystemHeap(exporter ?? name);
    case 'v4l2':
      // KBUILD_MODNAME of drivers/media/common/videobuf2/videobuf2-dma-contig.c.
      return name === importer?.driver || exporter === 'videobuf2_dma_contig';
    case 'dumb':
    case 'gbm':
      // The exporter of nearly all of these is `drm`, which says nothing.
      return name === importer?.driver || CONTIGUOUS_DRM.has(name);
    default:
      return false;
  }
}
