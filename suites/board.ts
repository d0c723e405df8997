import type { Cell } from './cell.ts';
import type { FrameLayout } from './layout.ts';
import type { BufferFacts, StageName, VerifyFacts } from './record.ts';

/**
 * The ladder that a cell climbs. Every call to a kernel or to Mesa is made inside a rung, so that
 * the record says which one failed and what it cost.
 */
export interface Ladder {
  /** Runs one rung. A {@link StageFailure} thrown inside ends the cell at this rung. */
  stage<T>(name: StageName, body: () => T): T;
  /** Adds words to the rung that is being climbed (kept with it whatever its result). */
  note(detail: string): void;
  /** The comparison's result; wrong pixels fail the rung in which it is reported. */
  verified(facts: VerifyFacts): void;
  /** The buffer's facts, as soon as they are known. */
  buffer(facts: BufferFacts): void;
  /** The device node that takes the buffer. */
  node(path: string): void;
  /** Runs at the end of the cell, last registered first, whatever happened. */
  cleanup(undo: () => void): void;
}

/** Why a rung failed: a clean error, a missing capability, a device held or closed to us. */
export class StageFailure extends Error {
  readonly kind: 'failed' | 'unsupported' | 'blocked';
  readonly errno: string | null;
  readonly heldBy: string | null;
  constructor(
    kind: 'failed' | 'unsupported' | 'blocked',
    errno: string | null,
    detail: string,
    heldBy: string | null = null,
  ) {
    super(detail);
    this.name = 'StageFailure';
    this.kind = kind;
    this.errno = errno;
    this.heldBy = heldBy;
  }
}

/** A frame in a dma-buf. The exporter keeps what it opened until `free`. */
export interface SharedFrame {
  /** The dma-buf's fd; all planes lie in it. */
  readonly fd: number;
  /** Bytes of the dma-buf (lseek SEEK_END), page-rounded. */
  readonly size: number;
  /** Where the planes really are: an exporter may dictate strides of its own. */
  readonly layout: FrameLayout;
  /** The modifier that the exporter reports; 0n is linear; null when it does not say. */
  readonly modifier: bigint | null;
  /** Memory to measure contiguity on: an address and length in this process, or null. */
  readonly pagemapAddress: bigint | null;
  /** The dma-buf's pages as indices of pages of that memory; absent where they are in its order. */
  readonly pageOrder?: readonly number[];
}

/** Whether a mapping of the frame shows rows of pixels. Without a modifier, what was asked for counts. */
export function isLinear(cell: Pick<Cell, 'modifier'>, frame: SharedFrame): boolean {
  return frame.modifier === 0n || (frame.modifier === null && cell.modifier !== null);
}

/** The frame's modifier in words: `0x100000000000001`, or `unknown`. */
export function modifierText({ modifier }: Pick<SharedFrame, 'modifier'>): string {
  return modifier === null ? 'unknown' : `0x${modifier.toString(16)}`;
}

/** A backend: allocates frames. One file a backend in suites/backends. */
export interface Exporter {
  /**
   * Allocates one frame and exports it as a dma-buf. Climbs `open` and `alloc`; registers its own
   * clean-up. `layout` is what the importer would like; the frame says what it got.
   */
  allocate(cell: Cell, layout: FrameLayout, ladder: Ladder): SharedFrame;
}

/** An importer: takes frames. One file a kind in suites/importers. */
export interface Importer {
  /**
   * The layout that this importer wants for the cell (a V4L2 encoder dictates stride and rows), or
   * null for the default. Climbs the rungs that it needs to find out.
   */
  layout(cell: Cell, ladder: Ladder): FrameLayout | null;
  /** Takes the frame, uses it, and verifies what came out. */
  take(cell: Cell, frame: SharedFrame, ladder: Ladder): void;
}

/** What a worker is given at its start: where things are on this board, and what it may do. */
export interface BoardContext {
  /** Node paths by `card:DRIVER`, `render:DRIVER`, `heap:NAME`, `v4l2-m2m:DRIVER`, `v4l2-output:DRIVER`, `v4l2-capture:DRIVER`. */
  readonly nodes: Readonly<Record<string, string>>;
  readonly limits: {
    /** Largest buffer that a cell may allocate, in bytes (already capped against MemAvailable). */
    readonly bufferBytes: number;
    /** Whether a real commit is allowed. Without it everything stays TEST_ONLY. */
    readonly modeset: boolean;
  };
  /** Largest difference of a YUV channel that still counts as equal (0..255). */
  readonly yuvTolerance: number;
}
