import type { Sampling } from '../content/sampling.ts';
import type { PixelFormat } from '../formats.ts';
import type { EglSession } from '../kernel/egl-display.ts';
import {
  checkGl,
  framebufferOf,
  GL_FRAMEBUFFER,
  GL_RGBA,
  GL_TEXTURE_2D,
  GL_TEXTURE_EXTERNAL_OES,
  GL_UNSIGNED_BYTE,
  generateTexture,
  gl,
} from '../kernel/gles.ts';
import { bindTriangle, drawTriangle, linkProgram, type Program } from './egl-program.ts';
import { type Shading, shaderSources } from './egl-shaders.ts';

/** A texture to draw with. */
export interface Picture {
  readonly texture: number;
  readonly target: typeof GL_TEXTURE_2D | typeof GL_TEXTURE_EXTERNAL_OES;
  /** Texels. */
  readonly width: number;
  readonly height: number;
}

/**
 * What one context keeps from cell to cell: programs, RGBA8 targets, the texture for uploads. To
 * compile and allocate them would cost more than all the rest of a cell.
 */
export interface Canvas {
  /** Draws the picture into the RGBA8 target of that size. @throws StageFailure */
  drawSampled(picture: Picture, sampling: Sampling, format: PixelFormat): void;
  /** That target's pixels, rows without padding; the next call overwrites them. @throws StageFailure */
  read(sampling: Sampling): Buffer;
  /** Draws the picture 1:1 into that framebuffer. @throws StageFailure */
  copy(picture: Picture, framebuffer: number): void;
  /** The texture for glTexImage2D; each upload gives it a new size and format. */
  readonly upload: number;
}

const GL_DITHER = 0x0bd0;
const GL_UNPACK_ALIGNMENT = 0x0cf5;

const canvases = new WeakMap<EglSession, Canvas>();

/** The canvas of a session whose context is current. @throws StageFailure */
export function canvasOf(session: EglSession): Canvas {
  return kept(canvases, session, () => makeCanvas(session));
}

interface Target {
  readonly framebuffer: number;
  readonly pixels: Buffer;
}

function makeCanvas(session: EglSession): Canvas {
  const programs = new Map<string, Program>();
  const targets = new Map<string, Target>();
  bindTriangle();
  gl().pixelStorei(GL_UNPACK_ALIGNMENT, 1);
  gl().disable(GL_DITHER);
  const programOf = (shading: Shading, external: boolean, skewed: boolean): Program => {
    const key = `${shading === 'copy' ? shading : shading.name} ${external} ${skewed}`;
    return kept(programs, key, () =>
      linkProgram(
        shaderSources({ shading, external, skewed, version: versionFor(session, external) }),
      ),
    );
  };
  const targetOf = ({ width, height }: Sampling): Target =>
    kept(targets, `${width}x${height}`, () => makeTarget(width, height));
  const draw = (picture: Picture, sampling: Sampling, shading: Shading, framebuffer: number) => {
    const { texture, target, width } = picture;
    const program = programOf(shading, target === GL_TEXTURE_EXTERNAL_OES, sampling.skew !== 0);
    gl().bindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    gl().bindTexture(target, texture);
    drawTriangle(program, sampling, width);
    gl().finish();
    checkGl('glDrawArrays');
  };
  return {
    drawSampled: (picture, sampling, format) =>
      draw(picture, sampling, format, targetOf(sampling).framebuffer),
    read: (sampling) => {
      const { framebuffer, pixels } = targetOf(sampling);
      const { width, height } = sampling;
      gl().bindFramebuffer(GL_FRAMEBUFFER, framebuffer);
      gl().readPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
      checkGl('glReadPixels');
      return pixels;
    },
    copy: (picture, framebuffer) => {
      const { width, height } = picture;
      draw(picture, { width, height, step: 1, first: 0, skew: 0 }, 'copy', framebuffer);
    },
    upload: generateTexture(GL_TEXTURE_2D),
  };
}

/** An OpenGL ES 3 context takes GLSL ES 1.00 as well, where external textures need it. */
function versionFor({ version, glExtensions }: EglSession, external: boolean): 2 | 3 {
  return external && !glExtensions.has('GL_OES_EGL_image_external_essl3') ? 2 : version;
}

function makeTarget(width: number, height: number): Target {
  const texture = generateTexture(GL_TEXTURE_2D);
  gl().texImage2D(GL_TEXTURE_2D, 0, GL_RGBA, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, null);
  checkGl('glTexImage2D of the target');
  return { framebuffer: framebufferOf(texture), pixels: Buffer.alloc(width * height * 4) };
}

interface Store<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): unknown;
}

function kept<Key, Value>(store: Store<Key, Value>, key: Key, make: () => Value): Value {
  const known = store.get(key);
  if (known !== undefined) return known;
  const made = make();
  store.set(key, made);
  return made;
}
