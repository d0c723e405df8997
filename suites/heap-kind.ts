/** `system`, `system-uncached`, `system-dma32` ...: page allocator; every other heap is a CMA region. */
export const isSystemHeap = (name: string) => /^system(-|$)/.test(name);
