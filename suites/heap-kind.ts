/**
 * A heap that hands out pages from all over (the page allocator's), told by its name: `system`,
 * `system-uncached`, `qcom,system`, a word of it. Every other heap is a CMA region or a carve-out.
 * The name of a node below /dev/dma_heap may lie (a link); the kernel's name of the exporter does not.
 */
export const isSystemHeap = (name: string) => /(^|[^A-Za-z0-9])system([^A-Za-z0-9]|$)/.test(name);
