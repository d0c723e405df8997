import { StageFailure } from '../board.ts';
import type { Inventory } from '../inventory.ts';
import { eglVendor } from './egl.ts';
import { eglSession } from './egl-display.ts';
import { glRenderer, glVersion } from './gles.ts';

export type EglDevice = Inventory['egl'][number];

/**
 * What EGL is on that driver: `swrast` with no node, or a GBM device's driver with its node. A driver
 * can crash the process here: call it where that does no harm.
 */
export function describeEgl(driver: string, node: string | null): EglDevice {
  try {
    const { display } = eglSession(driver, node);
    const vendor = eglVendor(display);
    return { driver, error: null, vendor, renderer: glRenderer(), version: glVersion() };
  } catch (error) {
    if (!(error instanceof StageFailure)) throw error;
    return { driver, error: wordsOf(error), vendor: null, renderer: null, version: null };
  }
}

function wordsOf({ kind, message, errno }: StageFailure): string {
  if (kind === 'unsupported') return `missing: ${message}`;
  return errno ? `${message}: ${errno}` : message;
}
