import { type BoardContext, type Exporter, type SharedFrame, StageFailure } from '../board.ts';
import type { Cell } from '../cell.ts';
import { fourcc } from '../formats.ts';
import { openDrmNode } from '../kernel/drm-node.ts';
import {
  boFd,
  boMemories,
  boModifier,
  boPlanes,
  createBo,
  createGbmDevice,
  destroyBo,
  destroyGbmDevice,
  GBM_BO_USE_LINEAR,
  GBM_BO_USE_RENDERING,
  GBM_BO_USE_SCANOUT,
  type GbmHandle,
} from '../kernel/gbm.ts';
import { closeFd, seekEnd } from '../kernel/syscalls.ts';
import type { FrameLayout } from '../layout.ts';

interface GbmDevice {
  readonly handle: GbmHandle;
  readonly node: string;
  readonly fd: number;
}

/** Devices by driver, kept for the life of the process: each loads a Mesa driver. */
const devices = new Map<string, GbmDevice>();

/**
 * The render node's device, which needs no privilege; the card node's where the render node gives no
 * buffers: Mesa's software renderers allocate dumb buffers, and those the kernel grants on card nodes.
 */
function deviceOf(nodes: BoardContext['nodes'], driver: string): GbmDevice {
  const known = devices.get(driver);
  if (known) return known;
  const card = nodes[`card:${driver}`];
  const first = openGbm(nodes[`render:${driver}`] ?? card, driver);
  const gives = card === undefined || card === first.node || allocates(first.handle);
  if (!gives) closeGbm(first);
  const device = gives ? first : openGbm(card, driver);
  devices.set(driver, device);
  return device;
}

function openGbm(node: string | undefined, driver: string): GbmDevice {
  // A file of its own, not EGL's: an import by the same driver is then a real one.
  const fd = openDrmNode(node, driver);
  try {
    return { handle: createGbmDevice(fd), node: node ?? '', fd };
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

function closeGbm({ handle, fd }: GbmDevice): void {
  destroyGbmDevice(handle);
  closeFd(fd);
}

/** Whether it gives the most ordinary of buffers. */
function allocates(device: GbmHandle): boolean {
  try {
    destroyBo(createBo(device, 64, 64, fourcc('XR24'), GBM_BO_USE_RENDERING));
    return true;
  } catch (error) {
    if (error instanceof StageFailure) return false;
    throw error;
  }
}

/**
 * Buffer objects of that driver's GBM device: linear ones for the modifier 0x0, else as the driver
 * likes them for their use. Strides and offsets are the driver's own.
 */
export function gbmExporter(driver: string, context: BoardContext): Exporter {
  return {
    allocate: (cell, layout, ladder) => {
      const device = ladder.stage('open', () => {
        const opened = deviceOf(context.nodes, driver);
        ladder.note(opened.node);
        return opened.handle;
      });
      return ladder.stage('alloc', () => {
        const { format, width, height } = layout;
        const bo = createBo(device, width, height, format.code, useOf(cell));
        ladder.cleanup(() => destroyBo(bo));
        const fd = boFd(bo);
        ladder.cleanup(() => closeFd(fd));
        return frameOf(bo, fd, layout);
      });
    },
  };
}

/**
 * What the buffer object is for. A frame to be shown says so: where the GPU has no display of its own
 * (v3d beside vc4), Mesa has it allocated by the display controller then.
 */
function useOf({ modifier, importer }: Cell): number {
  const linear = modifier === '0x0' ? GBM_BO_USE_LINEAR : 0;
  const scanout = importer?.kind === 'kms' ? GBM_BO_USE_SCANOUT : 0;
  return GBM_BO_USE_RENDERING | linear | scanout;
}

function frameOf(bo: GbmHandle, fd: number, wanted: FrameLayout): SharedFrame {
  const places = boPlanes(bo);
  requireOneMemory(bo, places.length, wanted);
  const size = seekEnd(fd);
  const planes = wanted.planes.map((plane, index) => {
    const place = places[index];
    if (!place) throw new StageFailure('failed', null, `the buffer object has no plane ${index}`);
    return { ...plane, ...place };
  });
  const ends = planes.map(({ offset, stride, rows }) => offset + stride * rows);
  const layout = { ...wanted, planes, size: Math.max(...ends) };
  return { fd, size, layout, modifier: boModifier(bo), pagemapAddress: null };
}

/** What the rest of bufmatrix takes for granted: the format's planes and no others, in one dma-buf. @throws StageFailure unsupported */
function requireOneMemory(bo: GbmHandle, planes: number, { format }: FrameLayout): void {
  if (planes > format.planes.length) {
    const more = `${format.name} with ${planes} planes, so compressed or the like`;
    throw new StageFailure('unsupported', null, more);
  }
  if (planes === 1) return;
  const memories = boMemories(bo, planes);
  if (memories === 1) return;
  const apart = `${format.name} in ${memories} buffer objects instead of one`;
  throw new StageFailure('unsupported', null, apart);
}
