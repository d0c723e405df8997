import { StageFailure } from '../board.ts';
import { type CFunction, functionAt, functions, library } from './library.ts';

/**
 * EGL 1.4 with the extensions that dma-bufs need (EGL/egl.h, EGL/eglext.h). Handles are addresses; 0
 * is EGL_NO_DISPLAY, EGL_NO_CONTEXT and the rest.
 */
export type EglHandle = number | bigint;

export const EGL_PLATFORM_GBM = 0x31d7;
export const EGL_PLATFORM_DEVICE = 0x313f;
export const EGL_NONE = 0x3038;
const EGL_VENDOR = 0x3053;
const EGL_EXTENSIONS = 0x3055;
const EGL_OPENGL_ES_API = 0x30a0;
const EGL_CONTEXT_CLIENT_VERSION = 0x3098;

const ERRORS: Readonly<Record<number, string>> = {
  12288: 'EGL_SUCCESS',
  12289: 'EGL_NOT_INITIALIZED',
  12290: 'EGL_BAD_ACCESS',
  12291: 'EGL_BAD_ALLOC',
  12292: 'EGL_BAD_ATTRIBUTE',
  12293: 'EGL_BAD_CONFIG',
  12294: 'EGL_BAD_CONTEXT',
  12295: 'EGL_BAD_CURRENT_SURFACE',
  12296: 'EGL_BAD_DISPLAY',
  12297: 'EGL_BAD_MATCH',
  12298: 'EGL_BAD_NATIVE_PIXMAP',
  12299: 'EGL_BAD_NATIVE_WINDOW',
  12300: 'EGL_BAD_PARAMETER',
  12301: 'EGL_BAD_SURFACE',
  12302: 'EGL_CONTEXT_LOST',
};

const CORE = {
  getError: 'int eglGetError(void)',
  getProcAddress: 'uintptr_t eglGetProcAddress(const char *)',
  initialize: 'unsigned int eglInitialize(uintptr_t, void *, void *)',
  bindApi: 'unsigned int eglBindAPI(unsigned int)',
  createContext: 'uintptr_t eglCreateContext(uintptr_t, uintptr_t, uintptr_t, void *)',
  makeCurrent: 'unsigned int eglMakeCurrent(uintptr_t, uintptr_t, uintptr_t, uintptr_t)',
} as const;

let bound: Readonly<Record<keyof typeof CORE, CFunction>> | undefined;

function egl() {
  bound ??= functions(library('libEGL.so.1'), CORE);
  return bound;
}

let queryString: CFunction<string | null> | undefined;

/** A string of the display, or of the client where it is 0; empty where there is none. */
function stringOf(display: EglHandle, name: number): string {
  queryString ??= library('libEGL.so.1').func('const char *eglQueryString(uintptr_t, int)');
  return queryString(display, name) ?? '';
}

/** The extensions of a display, or of the client where it is 0. */
export function eglExtensions(display: EglHandle): ReadonlySet<string> {
  return new Set(stringOf(display, EGL_EXTENSIONS).split(' '));
}

export const eglVendor = (display: EglHandle): string => stringOf(display, EGL_VENDOR);

/** The failure of the last call, with eglGetError's symbol. To be asked for at once. */
export function eglFailure(call: string): StageFailure {
  const code = egl().getError();
  const symbol = ERRORS[code] ?? `EGL error 0x${code.toString(16)}`;
  return new StageFailure('failed', symbol, call);
}

const procedures = new Map<string, CFunction>();

/** An extension's function. eglGetProcAddress may invent addresses: look at the extensions first. */
function procedure(name: string, result: string, parameters: readonly string[]): CFunction {
  const known = procedures.get(name);
  if (known) return known;
  const address = egl().getProcAddress(name);
  if (!address) throw new StageFailure('unsupported', null, name);
  const found = functionAt(address, result, parameters);
  procedures.set(name, found);
  return found;
}

/** An OpenGL ES extension's function, which EGL hands out as well. @throws StageFailure */
export const glProcedure = procedure;

const POINTER = 'uintptr_t';

/** Little-endian C ints, ended by EGL_NONE: an attribute list. */
export function attributes(list: readonly number[]): Buffer {
  const ints = new Int32Array([...list, EGL_NONE]);
  return Buffer.from(ints.buffer);
}

/** eglGetPlatformDisplayEXT and eglInitialize. @throws StageFailure */
export function initializedDisplay(platform: number, native: EglHandle): EglHandle {
  const open = procedure('eglGetPlatformDisplayEXT', POINTER, ['uint32_t', POINTER, 'void *']);
  const display: EglHandle = open(platform, native, null);
  if (!display) throw eglFailure('eglGetPlatformDisplayEXT');
  if (!egl().initialize(display, null, null)) throw eglFailure('eglInitialize');
  return display;
}

/** An OpenGL ES context of that major version without config and surface. @throws StageFailure */
export function createContext(display: EglHandle, version: number): EglHandle {
  if (!egl().bindApi(EGL_OPENGL_ES_API)) throw eglFailure('eglBindAPI');
  const list = attributes([EGL_CONTEXT_CLIENT_VERSION, version]);
  const context: EglHandle = egl().createContext(display, 0, 0, list);
  if (!context) throw eglFailure(`eglCreateContext (OpenGL ES ${version})`);
  return context;
}

/** eglMakeCurrent without surfaces. @throws StageFailure */
export function makeCurrent(display: EglHandle, context: EglHandle): void {
  if (!egl().makeCurrent(display, 0, 0, context)) throw eglFailure('eglMakeCurrent');
}

/** Mesa's software device, by EGL_EXT_device_enumeration. @throws StageFailure */
export function softwareDevice(): EglHandle {
  const extensions = eglExtensions(0);
  if (!extensions.has('EGL_EXT_platform_device') || !extensions.has('EGL_EXT_device_enumeration'))
    throw new StageFailure('unsupported', null, 'EGL_EXT_platform_device');
  const query = procedure('eglQueryDevicesEXT', 'unsigned int', ['int', 'void *', 'void *']);
  const text = procedure('eglQueryDeviceStringEXT', 'const char *', [POINTER, 'int']);
  const devices = new BigUint64Array(32);
  const count = new Int32Array(1);
  if (!query(devices.length, Buffer.from(devices.buffer), Buffer.from(count.buffer)))
    throw eglFailure('eglQueryDevicesEXT');
  const found = pointersOf(devices, count[0] ?? 0).find((device) =>
    String(text(device, EGL_EXTENSIONS)).includes('EGL_MESA_device_software'),
  );
  if (!found) throw new StageFailure('unsupported', null, 'EGL_MESA_device_software');
  return found;
}

/** C pointers that were written into that memory, 4 or 8 bytes each. */
function pointersOf(memory: BigUint64Array, count: number): bigint[] {
  if (process.arch === 'arm') return Array.from(new Uint32Array(memory.buffer, 0, count), BigInt);
  return [...memory.subarray(0, count)];
}

const EGL_LINUX_DMA_BUF = 0x3270;

/** eglCreateImageKHR of a dma-buf. @throws StageFailure with EGL's symbol */
export function createDmaBufImage(display: EglHandle, list: readonly number[]): EglHandle {
  const parameters = [POINTER, POINTER, 'uint32_t', POINTER, 'void *'];
  const create = procedure('eglCreateImageKHR', POINTER, parameters);
  const image: EglHandle = create(display, 0, EGL_LINUX_DMA_BUF, 0, attributes(list));
  if (!image) throw eglFailure('eglCreateImageKHR');
  return image;
}

/** eglDestroyImageKHR; nothing can be done about its failure. */
export function destroyImage(display: EglHandle, image: EglHandle): void {
  procedure('eglDestroyImageKHR', 'unsigned int', [POINTER, POINTER])(display, image);
}

/** The fourccs that the display imports: eglQueryDmaBufFormatsEXT. @throws StageFailure */
export function dmaBufFormats(display: EglHandle): ReadonlySet<number> {
  const parameters = [POINTER, 'int', 'void *', 'void *'];
  const query = procedure('eglQueryDmaBufFormatsEXT', 'unsigned int', parameters);
  const count = new Int32Array(1);
  const counter = Buffer.from(count.buffer);
  if (!query(display, 0, null, counter)) throw eglFailure('eglQueryDmaBufFormatsEXT');
  const codes = new Uint32Array(count[0] ?? 0);
  if (!query(display, codes.length, Buffer.from(codes.buffer), counter))
    throw eglFailure('eglQueryDmaBufFormatsEXT');
  return new Set(codes);
}

/** A modifier that the display imports for a format, and whether only as an external texture. */
export interface DmaBufModifier {
  readonly modifier: bigint;
  readonly externalOnly: boolean;
}

/** eglQueryDmaBufModifiersEXT; empty where the driver knows implicit layouts only. @throws StageFailure */
export function dmaBufModifiers(display: EglHandle, fourcc: number): DmaBufModifier[] {
  const parameters = [POINTER, 'int', 'int', 'void *', 'void *', 'void *'];
  const query = procedure('eglQueryDmaBufModifiersEXT', 'unsigned int', parameters);
  const count = new Int32Array(1);
  const counter = Buffer.from(count.buffer);
  const code = fourcc | 0;
  if (!query(display, code, 0, null, null, counter)) throw eglFailure('eglQueryDmaBufModifiersEXT');
  const modifiers = new BigUint64Array(count[0] ?? 0);
  const external = new Uint32Array(modifiers.length);
  if (modifiers.length === 0) return [];
  const into = [Buffer.from(modifiers.buffer), Buffer.from(external.buffer)] as const;
  if (!query(display, code, modifiers.length, ...into, counter))
    throw eglFailure('eglQueryDmaBufModifiersEXT');
  return Array.from(modifiers, (modifier, at) => ({ modifier, externalOnly: external[at] !== 0 }));
}
