import { parseSize } from '../devices/planning.ts';
import type { Profile } from '../devices/profile.ts';
import type { CellRecord } from '../suites/record.ts';
import type { Evidence } from './evidence.ts';
import { importerOf } from './measured-world.ts';
import type { Consumer, Stream, UseCase } from './use-case.ts';
import type { Frame } from './world.ts';

/** A stream with the frame that it is judged by. */
export interface Chosen {
  readonly stream: Stream;
  readonly frame: Frame;
}

/**
 * The frames by which a use case is judged on a board: of each stream the first format that every
 * required consumer has taken from any backend at all, as a program chooses by what devices list, in
 * the first size in which every consumer was measured. Where no format was taken it is the first that
 * was measured; where none was, the first of all.
 */
export function framesOf(
  { buffers, sizes }: UseCase,
  modifier: Frame['modifier'],
  profile: Profile,
  evidence: Evidence,
): readonly Chosen[] {
  return buffers.map((stream) => {
    const frames = stream.formats.flatMap((format) =>
      sizes.map((size) => ({ format, ...parseSize(size), count: stream.count, modifier })),
    );
    const of = (consumer: Consumer, frame: Frame) => tried(consumer, frame, profile, evidence);
    const measured = frames.filter((frame) =>
      stream.consumers.every((consumer) => of(consumer, frame).some(tells)),
    );
    const taken = measured.find((frame) =>
      stream.consumers.every(
        (consumer) =>
          !consumer.required || of(consumer, frame).some(({ outcome }) => outcome === 'pass'),
      ),
    );
    const partly = frames.find((frame) =>
      stream.consumers.some((consumer) => of(consumer, frame).some(tells)),
    );
    const frame = taken ?? measured[0] ?? partly ?? frames[0];
    if (!frame) throw new RangeError(`${stream.name} has no format or no size`);
    return { stream, frame };
  });
}

const tells = ({ outcome }: CellRecord) => outcome !== 'not-run';

/** Every record of a consumer and frame, whatever the backend. */
function tried(
  { suite }: Consumer,
  { format, width, height }: Frame,
  profile: Profile,
  evidence: Evidence,
): readonly CellRecord[] {
  const importer = importerOf(suite, profile);
  if (importer === undefined) return [];
  return evidence.ofConsumer(suite, importer, format, width, height);
}
