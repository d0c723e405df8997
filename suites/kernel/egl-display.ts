import { StageFailure } from '../board.ts';
import { openDrmNode } from './drm-node.ts';
import {
  createContext,
  EGL_PLATFORM_DEVICE,
  EGL_PLATFORM_GBM,
  type EglHandle,
  eglExtensions,
  initializedDisplay,
  makeCurrent,
  softwareDevice,
} from './egl.ts';
import { createGbmDevice, destroyGbmDevice } from './gbm.ts';
import { glExtensions } from './gles.ts';
import { closeFd } from './syscalls.ts';

/** The driver name of Mesa's software device. */
export const SOFTWARE = 'swrast';

/** A display with a context, both kept for the life of the process: to open one costs seconds on a slow board. */
export interface EglSession {
  readonly display: EglHandle;
  /** The DRM node below it; null for the software device. */
  readonly node: string | null;
  /** Of the display, and of the context. */
  readonly extensions: ReadonlySet<string>;
  readonly glExtensions: ReadonlySet<string>;
  /** The OpenGL ES version that was asked for. */
  readonly version: 2 | 3;
  /** Makes its context the current one; all GL calls act on that. @throws StageFailure */
  use(): void;
}

const sessions = new Map<string, EglSession>();

/**
 * The display of that driver, on the node given, or on Mesa's software device for {@link SOFTWARE}.
 * Its context is current afterwards. A failure is not kept: the next call tries again.
 * @throws StageFailure
 */
export function eglSession(driver: string, node: string | null): EglSession {
  const key = `${driver} ${node}`;
  let session = sessions.get(key);
  if (!session) {
    session = driver === SOFTWARE ? softwareSession() : gbmSession(driver, node);
    sessions.set(key, session);
  }
  session.use();
  return session;
}

function softwareSession(): EglSession {
  requireClientExtension('EGL_EXT_platform_base');
  return contextOn(initializedDisplay(EGL_PLATFORM_DEVICE, softwareDevice()), null);
}

function gbmSession(driver: string, node: string | null): EglSession {
  requireClientExtension('EGL_EXT_platform_base');
  const fd = openDrmNode(node ?? undefined, driver);
  try {
    const device = createGbmDevice(fd);
    try {
      return contextOn(initializedDisplay(EGL_PLATFORM_GBM, device), node);
    } catch (error) {
      destroyGbmDevice(device);
      throw error;
    }
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

function requireClientExtension(name: string): void {
  const client = eglExtensions(0);
  if (!client.has(name)) throw new StageFailure('unsupported', null, name);
}

function contextOn(display: EglHandle, node: string | null): EglSession {
  const extensions = eglExtensions(display);
  for (const needed of [
    'EGL_KHR_image_base',
    'EGL_EXT_image_dma_buf_import',
    'EGL_KHR_no_config_context',
    'EGL_KHR_surfaceless_context',
  ])
    if (!extensions.has(needed)) throw new StageFailure('unsupported', null, needed);
  const { context, version } = newestContext(display);
  makeCurrentOnce(display, context);
  const use = () => makeCurrentOnce(display, context);
  return { display, node, extensions, glExtensions: glExtensions(), version, use };
}

/** OpenGL ES 3 has single-channel textures; 2 is enough for the rest. */
function newestContext(display: EglHandle): { context: EglHandle; version: 2 | 3 } {
  try {
    return { context: createContext(display, 3), version: 3 };
  } catch {
    return { context: createContext(display, 2), version: 2 };
  }
}

let current: EglHandle | null = null;

function makeCurrentOnce(display: EglHandle, context: EglHandle): void {
  if (current === context) return;
  current = null;
  makeCurrent(display, context);
  current = context;
}
