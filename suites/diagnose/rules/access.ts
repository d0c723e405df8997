import { DRM_MASTER } from '../../wording.ts';
import { because, seen } from '../cause.ts';
import type { Rule } from '../trials.ts';

const DENIED = new Set(['EACCES', 'EPERM']);

/** Whoever may not, or not now. The kernel's EACCES of a commit means that we are not DRM master (drm_atomic_uapi.c). */
export const access: Rule = ({ heldBy, outcome }, rung) => {
  const errno = rung?.errno ?? '';
  const commit = rung?.name === 'test-commit' || rung?.name === 'commit';
  if (heldBy?.includes(DRM_MASTER)) return because('drm-master', 'told', seen(heldBy));
  if (commit && errno === 'EACCES')
    return because('drm-master', 'told', seen('EACCES: a commit is for the DRM master alone'));
  const words = heldBy ?? rung?.detail ?? errno;
  if (rung?.name === 'open' && DENIED.has(errno)) return because('permission', 'told', seen(words));
  if (errno === 'EBUSY') return because('busy', 'told', seen(words));
  if (rung?.name === 'alloc' && rung.side === 'exporter' && DENIED.has(errno))
    return because('permission', 'told', seen(words));
  // drm_gem_prime_handle_to_dmabuf() takes the file's flags: without DRM_RDWR it is for reading.
  if (rung?.name === 'map' && errno === 'EACCES')
    return because(
      'read-only',
      'told',
      seen(`${words}: the dma-buf was exported without DRM_RDWR`),
    );
  return outcome === 'blocked' ? because('busy', 'likely', seen(words)) : null;
};
