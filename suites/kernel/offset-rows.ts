import {
  dmaBufSync,
  dmaHeapAllocationData,
  udmabufCreate,
  udmabufCreateItem,
  udmabufCreateList,
} from './dma-buf-structs.ts';
import type { Field } from './struct.ts';

/** A struct of the kernel's headers and our table of it; ./offsets.spec.ts asks a C compiler. */
export interface OffsetRow {
  readonly struct: string;
  /** As in `#include <...>`. */
  readonly header: string;
  readonly codec: {
    readonly size: number;
    readonly fields: Readonly<Record<string, Field>>;
  };
  /** C members of fields that are named otherwise here: `{ planes: 'm.planes' }`. */
  readonly members?: Readonly<Record<string, string>>;
}

/** Every struct that goes to an ioctl. Modules imported here may load no C library. */
export const OFFSET_ROWS: readonly OffsetRow[] = [
  { struct: 'udmabuf_create', header: 'linux/udmabuf.h', codec: udmabufCreate },
  { struct: 'udmabuf_create_item', header: 'linux/udmabuf.h', codec: udmabufCreateItem },
  { struct: 'udmabuf_create_list', header: 'linux/udmabuf.h', codec: udmabufCreateList },
  { struct: 'dma_heap_allocation_data', header: 'linux/dma-heap.h', codec: dmaHeapAllocationData },
  { struct: 'dma_buf_sync', header: 'linux/dma-buf.h', codec: dmaBufSync },
];
