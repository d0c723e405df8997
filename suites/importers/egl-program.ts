import { StageFailure } from '../board.ts';
import type { Sampling } from '../content/sampling.ts';
import { checkGl, generate, gl } from '../kernel/gles.ts';
import { addressOf } from '../kernel/syscalls.ts';
import type { Sources } from './egl-shaders.ts';

/** A linked program, and where its uniforms are (-1: it has no such one). */
export interface Program {
  readonly name: number;
  readonly size: number;
  readonly window: number;
  readonly skew: number;
}

const GL_VERTEX_SHADER = 0x8b31;
const GL_FRAGMENT_SHADER = 0x8b30;
const GL_COMPILE_STATUS = 0x8b81;
const GL_LINK_STATUS = 0x8b82;

/** Compiles and links; the current context owns it. @throws StageFailure with the compiler's words */
export function linkProgram(sources: Sources): Program {
  const name = gl().createProgram();
  gl().attachShader(name, compile(GL_VERTEX_SHADER, sources.vertex));
  gl().attachShader(name, compile(GL_FRAGMENT_SHADER, sources.fragment));
  gl().bindAttribLocation(name, CORNER, 'corner');
  gl().linkProgram(name);
  const linked = Buffer.alloc(4);
  gl().getProgramiv(name, GL_LINK_STATUS, linked);
  if (linked.readInt32LE(0) === 0) throw new StageFailure('failed', null, 'glLinkProgram');
  checkGl('glLinkProgram');
  const uniform = (called: string) => gl().getUniformLocation(name, called);
  return { name, size: uniform('size'), window: uniform('window'), skew: uniform('skew') };
}

function compile(kind: number, text: string): number {
  const shader = gl().createShader(kind);
  const source = Buffer.from(`${text}\0`);
  const pointer = Buffer.alloc(8);
  pointer.writeBigUInt64LE(addressOf(source));
  gl().shaderSource(shader, 1, pointer, null);
  gl().compileShader(shader);
  const compiled = Buffer.alloc(4);
  gl().getShaderiv(shader, GL_COMPILE_STATUS, compiled);
  if (compiled.readInt32LE(0) !== 0) return shader;
  const log = Buffer.alloc(1024);
  gl().getShaderInfoLog(shader, log.length, null, log);
  const words = log.toString('latin1', 0, log.indexOf(0)).trim();
  throw new StageFailure('failed', null, `glCompileShader: ${words}`);
}

const CORNER = 0;
const GL_ARRAY_BUFFER = 0x8892;
const GL_STATIC_DRAW = 0x88e4;
const GL_FLOAT = 0x1406;
const GL_TRIANGLES = 4;

/** Makes the current context's vertices one triangle over the whole target, without a seam, for good. */
export function bindTriangle(): void {
  const corners = new Float32Array([0, 0, 2, 0, 0, 2]);
  gl().bindBuffer(GL_ARRAY_BUFFER, generate('genBuffers'));
  gl().bufferData(GL_ARRAY_BUFFER, corners.byteLength, Buffer.from(corners.buffer), GL_STATIC_DRAW);
  gl().enableVertexAttribArray(CORNER);
  gl().vertexAttribPointer(CORNER, 2, GL_FLOAT, 0, 0, 0);
  checkGl('glVertexAttribPointer');
}

/** Draws it over a target of that sampling's size, with the bound texture, `texels` wide. */
export function drawTriangle(program: Program, sampling: Sampling, texels: number): void {
  const { width, height } = sampling;
  const size = new Float32Array([width, height]);
  const next = 1 / texels;
  const window = new Float32Array([sampling.step * next, 1 / height, sampling.first * next, next]);
  gl().viewport(0, 0, width, height);
  gl().useProgram(program.name);
  gl().uniform2fv(program.size, 1, Buffer.from(size.buffer));
  gl().uniform2fv(program.skew, 1, Buffer.from(new Float32Array([sampling.skew * next, 0]).buffer));
  gl().uniform4fv(program.window, 1, Buffer.from(window.buffer));
  gl().drawArrays(GL_TRIANGLES, 0, 3);
}
