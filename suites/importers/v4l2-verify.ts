import { type Ladder, StageFailure } from '../board.ts';
import { Errno } from '../kernel/errno.ts';
import { codedFacts } from './v4l2-coded.ts';

/** Which picture a new stream begins with: the one that was coded, or another in the same buffer. */
export type Picture = 'same' | 'other';

/**
 * Encoders that coded one picture twice to the same bytes, by whatever may change that. It is asked once
 * in a process: a stream costs more than the rest of a cell.
 */
const steady = new Set<string>();

/**
 * Whether coded bytes follow the frame's content: a device that reads zeros or stale memory gives the
 * same bytes for another picture. That other bytes come of another picture says something only where
 * one picture always gives the same ones. To be called inside `verify`.
 * @param encoder names the encoder and its settings.
 * @param first what the first stream gave.
 * @param recode codes a picture as the first one of a new stream.
 * @throws StageFailure where a further stream fails
 */
export function verifyCoded(
  encoder: string,
  first: Buffer,
  recode: (picture: Picture) => Buffer,
  ladder: Ladder,
): void {
  let codings = 1;
  const differs = (picture: Picture): boolean => {
    codings++;
    return !first.equals(inFurtherStream(() => recode(picture)));
  };
  if (!steady.has(encoder)) {
    if (differs('same')) {
      ladder.note('not verified: two codings of one picture differ');
      return;
    }
    steady.add(encoder);
    ladder.note('two codings of one picture are equal');
  }
  const got = differs('other') ? null : 'the same bytes for two pictures';
  ladder.verified(codedFacts(codings, 'coded frames that differ as the pictures do', got));
}

/** What the stream is for must be said: the first one, with the same buffer, went well. */
function inFurtherStream(body: () => Buffer): Buffer {
  try {
    return body();
  } catch (error) {
    const words = 'the first stream went well, a further one did not';
    if (error instanceof Errno)
      throw new StageFailure('failed', error.code, `${words}: ${error.message}`);
    if (error instanceof StageFailure)
      throw new StageFailure(error.kind, error.errno, `${words}: ${error.message}`, error.heldBy);
    throw error;
  }
}
