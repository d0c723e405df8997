import type { BoardContext, Exporter, Ladder } from '../board.ts';
import { requireWithinLimit } from '../buffer-limit.ts';
import { exporterName } from '../kernel/dma-buf.ts';
import { dumbExporter } from './dumb.ts';
import { bufferFacts } from './facts.ts';
import { requireFit } from './frame-fit.ts';
import { gbmExporter } from './gbm.ts';
import { heapExporter } from './heap.ts';
import { udmabufExporter } from './udmabuf.ts';
import { udmabufScatteredExporter } from './udmabuf-scattered.ts';
import { v4l2Exporter } from './v4l2.ts';

/** @param name what stands after the colon: a heap's name, a driver's; empty without one. */
type ExporterFactory = (name: string, context: BoardContext) => Exporter;

/** Backends by what stands before the colon. A new one is one file and one row. */
const FACTORIES: Readonly<Record<string, ExporterFactory>> = {
  udmabuf: udmabufExporter,
  'udmabuf-scattered': udmabufScatteredExporter,
  heap: heapExporter,
  dumb: dumbExporter,
  gbm: gbmExporter,
  v4l2: v4l2Exporter,
};

/** What /proc said of a backend's first buffer: all of them come from one exporter in the kernel. */
const exporterNames = new Map<string, string | null>();

function exporterOf(backend: string, fd: number): string | null {
  const known = exporterNames.get(backend);
  if (known !== undefined) return known;
  const name = exporterName(fd);
  exporterNames.set(backend, name);
  return name;
}

/**
 * The exporter of a backend (`udmabuf`, `heap:system`, `gbm:vkms`). Whatever it is, it is not asked
 * for more than `limits.bufferBytes`, the facts of what it allocated are told to the ladder, and a frame
 * that does not lie in its dma-buf ends the cell here.
 * @throws RangeError for a backend that no row knows: plans are checked before they travel.
 */
export function exporterFor(backend: string, context: BoardContext): Exporter {
  const colon = backend.indexOf(':');
  const kind = colon < 0 ? backend : backend.slice(0, colon);
  const factory = FACTORIES[kind];
  if (!factory)
    throw new RangeError(`unknown backend ${backend}; known: ${Object.keys(FACTORIES).join(', ')}`);
  const exporter = factory(colon < 0 ? '' : backend.slice(colon + 1), context);
  const { bufferBytes } = context.limits;
  return {
    allocate: (cell, layout, ladder) => {
      inAlloc(ladder, () => requireWithinLimit(layout.size, bufferBytes));
      const frame = exporter.allocate(cell, layout, ladder);
      ladder.buffer(bufferFacts(frame, exporterOf(backend, frame.fd)));
      inAlloc(ladder, () => requireFit(frame));
      return frame;
    },
  };
}

/** A check that is a rung only where it fails: the exporter's own `alloc` is the one that counts. */
function inAlloc(ladder: Ladder, check: () => void): void {
  try {
    check();
  } catch (error) {
    ladder.stage('alloc', () => {
      throw error;
    });
  }
}
