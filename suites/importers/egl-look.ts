import type { FrameContent } from '../content/content.ts';
import type { Sampled } from '../content/sampling.ts';
import type { PixelFormat } from '../formats.ts';
import type { EglSession } from '../kernel/egl-display.ts';
import type { VerifyFacts } from '../record.ts';
import { canvasOf, type Picture } from './egl-canvas.ts';
import { readWhole } from './egl-whole.ts';

/** A picture to look at, and what is in it. */
export interface Sight {
  readonly picture: Picture;
  readonly content: FrameContent;
  readonly format: PixelFormat;
}

/** What was seen of a picture. The next look overwrites it. */
export interface Seen {
  /** Whether the sampler was asked for some texels only, and all were read without it. */
  readonly sparse: boolean;
  /** What is wrong with it. @param tolerance holds for YUV alone. */
  compare(tolerance: number): VerifyFacts;
}

/** Draws the picture: of a large one, one word of each cache line. @throws StageFailure */
export function draw(session: EglSession, { picture, content, format }: Sight): void {
  canvasOf(session).drawSampled(picture, drawnOf(session, content), format);
}

/**
 * Reads what was drawn, and all pixels of which not all were drawn; where they cannot be read, they are
 * drawn after all. @throws StageFailure
 */
export function look(session: EglSession, { picture, content, format }: Sight): Seen {
  const canvas = canvasOf(session);
  const drawn = drawnOf(session, content);
  if (drawn.skew === 0) return seenDrawn(drawn, canvas.read(drawn));
  const all = content.sampled(true);
  const whole = readWhole(session, picture, format);
  if (whole === null) {
    canvas.drawSampled(picture, all, format);
    return seenDrawn(all, canvas.read(all));
  }
  const rgba = canvas.read(drawn);
  return { sparse: true, compare: () => both(all.compare(whole, 0), drawn.compare(rgba, 0)) };
}

/** To leave out texels takes arithmetic that OpenGL ES 2 does not promise. */
const drawnOf = ({ version }: EglSession, content: FrameContent): Sampled =>
  content.sampled(version === 2);

const seenDrawn = (sampled: Sampled, rgba: Buffer): Seen => ({
  sparse: false,
  compare: (tolerance) => sampled.compare(rgba, tolerance),
});

/** Every pixel was compared; a sampler may still go wrong where a plain reading does not. */
export function both(whole: VerifyFacts, drawn: VerifyFacts): VerifyFacts {
  return whole.wrong > 0 ? whole : { ...drawn, compared: whole.compared };
}
