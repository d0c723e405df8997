/**
 * Random, so that a worker that replaces a crashed one does not begin with the same contents. V8 seeds
 * it from the system's entropy; node:crypto takes as long to load as all of the worker.
 */
let next = Math.floor(Math.random() * (1 << 24));

/** A number that this process has not used; see {@link contentFor}. */
export function nextNonce(): number {
  return next++;
}
