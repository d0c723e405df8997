import { StageFailure } from '../board.ts';
import { glProcedure } from './egl.ts';
import { type CFunction, functions, library } from './library.ts';

/** OpenGL ES 2.0 as far as it is used here (GLES2/gl2.h), under the names without `gl`. */
const DECLARATIONS = {
  attachShader: 'void glAttachShader(uint32_t, uint32_t)',
  bindAttribLocation: 'void glBindAttribLocation(uint32_t, uint32_t, const char *)',
  bindBuffer: 'void glBindBuffer(uint32_t, uint32_t)',
  bindFramebuffer: 'void glBindFramebuffer(uint32_t, uint32_t)',
  bindTexture: 'void glBindTexture(uint32_t, uint32_t)',
  bufferData: 'void glBufferData(uint32_t, intptr_t, void *, uint32_t)',
  checkFramebufferStatus: 'uint32_t glCheckFramebufferStatus(uint32_t)',
  compileShader: 'void glCompileShader(uint32_t)',
  createProgram: 'uint32_t glCreateProgram(void)',
  createShader: 'uint32_t glCreateShader(uint32_t)',
  deleteFramebuffers: 'void glDeleteFramebuffers(int, void *)',
  deleteTextures: 'void glDeleteTextures(int, void *)',
  disable: 'void glDisable(uint32_t)',
  drawArrays: 'void glDrawArrays(uint32_t, int, int)',
  enableVertexAttribArray: 'void glEnableVertexAttribArray(uint32_t)',
  finish: 'void glFinish(void)',
  framebufferTexture2D: 'void glFramebufferTexture2D(uint32_t, uint32_t, uint32_t, uint32_t, int)',
  genBuffers: 'void glGenBuffers(int, void *)',
  genFramebuffers: 'void glGenFramebuffers(int, void *)',
  genTextures: 'void glGenTextures(int, void *)',
  getError: 'uint32_t glGetError(void)',
  getIntegerv: 'void glGetIntegerv(uint32_t, void *)',
  getProgramiv: 'void glGetProgramiv(uint32_t, uint32_t, void *)',
  getShaderInfoLog: 'void glGetShaderInfoLog(uint32_t, int, void *, void *)',
  getShaderiv: 'void glGetShaderiv(uint32_t, uint32_t, void *)',
  getUniformLocation: 'int glGetUniformLocation(uint32_t, const char *)',
  linkProgram: 'void glLinkProgram(uint32_t)',
  pixelStorei: 'void glPixelStorei(uint32_t, int)',
  readPixels: 'void glReadPixels(int, int, int, int, uint32_t, uint32_t, void *)',
  shaderSource: 'void glShaderSource(uint32_t, int, void *, void *)',
  texImage2D:
    'void glTexImage2D(uint32_t, int, int, int, int, int, uint32_t, uint32_t, const void *)',
  texParameteri: 'void glTexParameteri(uint32_t, uint32_t, int)',
  uniform2fv: 'void glUniform2fv(int, int, void *)',
  uniform4fv: 'void glUniform4fv(int, int, void *)',
  useProgram: 'void glUseProgram(uint32_t)',
  vertexAttribPointer:
    'void glVertexAttribPointer(uint32_t, int, uint32_t, uint8_t, int, uintptr_t)',
  viewport: 'void glViewport(int, int, int, int)',
} as const;

export const GL_TEXTURE_2D = 0x0de1;
export const GL_TEXTURE_EXTERNAL_OES = 0x8d65;
export const GL_FRAMEBUFFER = 0x8d40;
export const GL_COLOR_ATTACHMENT0 = 0x8ce0;
export const GL_RGBA = 0x1908;
export const GL_UNSIGNED_BYTE = 0x1401;
export const GL_UNSIGNED_SHORT = 0x1403;
const GL_RENDERER = 0x1f01;
const GL_VERSION = 0x1f02;
const GL_EXTENSIONS = 0x1f03;

let bound: Readonly<Record<keyof typeof DECLARATIONS, CFunction>> | undefined;

/** The functions; they act on the context that is current. */
export function gl() {
  bound ??= functions(library('libGLESv2.so.2'), DECLARATIONS);
  return bound;
}

let getString: CFunction<string | null> | undefined;

function stringOf(name: number): string {
  getString ??= library('libGLESv2.so.2').func('const char *glGetString(uint32_t)');
  return getString(name) ?? '';
}

export const glRenderer = (): string => stringOf(GL_RENDERER);
export const glVersion = (): string => stringOf(GL_VERSION);
export const glExtensions = (): ReadonlySet<string> => new Set(stringOf(GL_EXTENSIONS).split(' '));

const ERRORS: Readonly<Record<number, string>> = {
  1280: 'GL_INVALID_ENUM',
  1281: 'GL_INVALID_VALUE',
  1282: 'GL_INVALID_OPERATION',
  1285: 'GL_OUT_OF_MEMORY',
  1286: 'GL_INVALID_FRAMEBUFFER_OPERATION',
};

/** Throws when a call since the last check failed. @throws StageFailure with GL's symbol */
export function checkGl(calls: string): void {
  const code = gl().getError();
  if (code === 0) return;
  throw new StageFailure('failed', ERRORS[code] ?? `GL error 0x${code.toString(16)}`, calls);
}

/** Errors that a context can hold at a time; a lost one never says that it has no more. */
const MOST_ERRORS = 8;

/** Forgets the errors of calls before: they are not the next cell's. */
export function clearGlErrors(): void {
  for (let n = 0; n < MOST_ERRORS && gl().getError() !== 0; n++);
}

/** glGetIntegerv of one number. */
export function getInteger(name: number): number {
  const value = Buffer.alloc(4);
  gl().getIntegerv(name, value);
  return value.readInt32LE(0);
}

/** The name that a glGen function hands out. */
export function generate(what: 'genTextures' | 'genFramebuffers' | 'genBuffers'): number {
  const name = Buffer.alloc(4);
  gl()[what](1, name);
  return name.readUInt32LE(0);
}

/** glDeleteTextures or glDeleteFramebuffers of one name. */
export function remove(what: 'deleteTextures' | 'deleteFramebuffers', name: number): void {
  const names = Buffer.alloc(4);
  names.writeUInt32LE(name);
  gl()[what](1, names);
}

const FRAMEBUFFER_STATUS: Readonly<Record<number, string>> = {
  36054: 'GL_FRAMEBUFFER_INCOMPLETE_ATTACHMENT',
  36055: 'GL_FRAMEBUFFER_INCOMPLETE_MISSING_ATTACHMENT',
  36057: 'GL_FRAMEBUFFER_INCOMPLETE_DIMENSIONS',
  36061: 'GL_FRAMEBUFFER_UNSUPPORTED',
};
const GL_FRAMEBUFFER_COMPLETE = 0x8cd5;

/** A framebuffer that draws into the texture; it is bound. @throws StageFailure with the status's symbol */
export function framebufferOf(texture: number): number {
  const framebuffer = generate('genFramebuffers');
  gl().bindFramebuffer(GL_FRAMEBUFFER, framebuffer);
  gl().framebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
  const status = gl().checkFramebufferStatus(GL_FRAMEBUFFER);
  if (status === GL_FRAMEBUFFER_COMPLETE) return framebuffer;
  remove('deleteFramebuffers', framebuffer);
  checkGl('glFramebufferTexture2D');
  const symbol = FRAMEBUFFER_STATUS[status] ?? `framebuffer status 0x${status.toString(16)}`;
  throw new StageFailure('failed', symbol, 'glCheckFramebufferStatus');
}

const GL_TEXTURE_MAG_FILTER = 0x2800;
const GL_TEXTURE_MIN_FILTER = 0x2801;
const GL_TEXTURE_WRAP_S = 0x2802;
const GL_TEXTURE_WRAP_T = 0x2803;
const GL_NEAREST = 0x2600;
const GL_CLAMP_TO_EDGE = 0x812f;

/** A texture that is sampled texel by texel; it is bound. Gives its name. */
export function generateTexture(target: number): number {
  const texture = generate('genTextures');
  gl().bindTexture(target, texture);
  gl().texParameteri(target, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  gl().texParameteri(target, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  gl().texParameteri(target, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  gl().texParameteri(target, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  return texture;
}

/** glEGLImageTargetTexture2DOES: the image becomes the bound texture's storage. @throws StageFailure */
export function imageToTexture(target: number, image: number | bigint): void {
  const parameters = ['uint32_t', 'uintptr_t'];
  glProcedure('glEGLImageTargetTexture2DOES', 'void', parameters)(target, image);
  checkGl('glEGLImageTargetTexture2DOES');
}
