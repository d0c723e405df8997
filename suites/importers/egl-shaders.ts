import type { PixelFormat } from '../formats.ts';

/** How texels become the pixels that are drawn: packed as content.ts's Sampling says, or as they are. */
export type Shading = PixelFormat | 'copy';

/** What a program is made for. */
export interface Recipe {
  readonly shading: Shading;
  /** Whether the texture is an external one. */
  readonly external: boolean;
  /** Whether the samples of successive lines lie askew, as Sampling has it; not in version 2. */
  readonly skewed: boolean;
  /** Of the shading language: 2 is GLSL ES 1.00, 3 is GLSL ES 3.00. */
  readonly version: 2 | 3;
}

export interface Sources {
  readonly vertex: string;
  readonly fragment: string;
}

/**
 * The shaders, for a triangle that covers the target. Uniforms: `size`, the target's in pixels;
 * `window`, what a pixel's place in it is multiplied by to be a texture coordinate, then how far
 * along x the first texel is from there, and the next from each; `skew`, how far along x each of 16
 * lines is from the one before; `image`, the texture.
 */
export function shaderSources(recipe: Recipe): Sources {
  return recipe.version === 3 ? sources3(recipe) : sources2(recipe);
}

/** gl_FragCoord is precise here, and varyings are costly: on llvmpipe they take half of the draw. */
function sources3({ shading, external, skewed }: Recipe): Sources {
  const at = 'gl_FragCoord.xy * window.xy';
  const skew = skewed ? ' + skew * mod(floor(gl_FragCoord.y), 16.0)' : '';
  const beside = (n: number) => `vec2(window.z + ${n}.0 * window.w, 0.0)${skew}`;
  const alone = !skewed && texelsOf(shading) === 1;
  const texel = (n: number) => `texture(image, ${alone ? at : `${at} + ${beside(n)}`})`;
  return {
    vertex: `#version 300 es
in vec2 corner;
void main() {
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`,
    fragment: `#version 300 es
${external ? '#extension GL_OES_EGL_image_external_essl3 : require' : ''}
precision highp float;
uniform highp ${external ? 'samplerExternalOES' : 'sampler2D'} image;
uniform vec4 window;
uniform vec2 skew;
out vec4 colour;
${BYTES}
void main() {
  colour = ${colourOf(shading, texel)};
}`,
  };
}

/** Coordinates are computed before the fragment shader: its floats have 16 bits on small GPUs. */
function sources2({ shading, external }: Recipe): Sources {
  const varying = 'varying vec2 texel0, texel1, texel2, texel3;';
  return {
    vertex: `
attribute vec2 corner;
uniform vec2 size;
uniform vec4 window;
${varying}
void main() {
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
  vec2 next = vec2(window.w, 0.0);
  texel0 = corner * size * window.xy + vec2(window.z, 0.0);
  texel1 = texel0 + next;
  texel2 = texel1 + next;
  texel3 = texel2 + next;
}`,
    // A sampler is lowp unless told otherwise: its texels need not have 16 bits.
    fragment: `
${external ? '#extension GL_OES_EGL_image_external : require' : ''}
#ifdef GL_FRAGMENT_PRECISION_HIGH
#define PRECISE highp
#else
#define PRECISE mediump
#endif
precision PRECISE float;
uniform PRECISE ${external ? 'samplerExternalOES' : 'sampler2D'} image;
${varying}
${BYTES}
void main() {
  gl_FragColor = ${colourOf(shading, (n) => `texture2D(image, texel${n})`)};
}`,
  };
}

/** The bytes of a 16-bit component, the low one first. */
const BYTES = `
vec2 bytes(float component) {
  float whole = floor(component * 65535.0 + 0.5);
  float high = floor(whole / 256.0);
  return vec2(whole - 256.0 * high, high) / 255.0;
}`;

/** Texels that go into one pixel. */
function texelsOf(shading: Shading): number {
  if (shading === 'copy' || shading.model !== 'channels') return 1;
  return 4 / (shading.planes[0]?.bytes ?? 4);
}

function colourOf(shading: Shading, texel: (n: number) => string): string {
  if (shading === 'copy') return texel(0);
  if (shading.model === 'rgb') return `${texel(0)}.bgra`;
  if (shading.model === 'yuv') return `vec4(${texel(0)}.rgb, 1.0)`;
  const texels = texelsOf(shading);
  const components = 'rg'.slice(0, 32 / texels / shading.depth);
  const parts = Array.from({ length: texels }, (_, n) =>
    shading.depth === 8
      ? `${texel(n)}.${components}`
      : Array.from(components, (component) => `bytes(${texel(n)}.${component})`),
  );
  return `vec4(${parts.flat().join(', ')})`;
}
