import { parseSize } from '../devices/planning.ts';
import type { CellRecord } from '../suites/record.ts';
import { type BoardFacts, withoutBackend } from './board.ts';
import type { Evidence } from './evidence.ts';
import { cellOf, importerOf } from './on-board.ts';
import type { Policy } from './policy.ts';
import type { Consumer, Stream, UseCase } from './use-case.ts';
import type { Frame } from './world.ts';

/** A stream with the frame that it is judged by. */
export interface Chosen {
  readonly stream: Stream;
  readonly frame: Frame;
}

/** What a program is asked about: its formats and its layout. */
export type Maker = Pick<Policy, 'formats' | 'layout'>;

/**
 * The frames by which a use case is judged on a board, one a stream. The formats are gone through in
 * order, as a program does with what devices list, in the first size that the profile plans for all
 * consumers. One is passed over only where a required consumer was asked for all that is planned of
 * it and took nothing; what was not measured is not passed over, so that half a run cannot look
 * better than a whole one. Null where the program makes none of the formats.
 */
export function framesOf(
  { buffers, sizes }: UseCase,
  maker: Maker,
  facts: BoardFacts,
  evidence: Evidence,
): readonly Chosen[] | null {
  const chosen = buffers.map((stream): Chosen | null => {
    const own = formatsOf(stream, maker);
    const planned = own.flatMap((format) => {
      const all = sizes.map((size) => frameIn(format, size, stream, maker));
      return (
        all.find((frame) => stream.consumers.every((one) => isPlanned(one, frame, facts))) ?? []
      );
    });
    const frame =
      planned.find((one) => !isRefusedByAll(stream, one, facts, evidence)) ?? planned[0];
    if (frame) return { stream, frame };
    const [format] = own;
    const size = sizes.at(-1);
    if (format === undefined || size === undefined) return null;
    return { stream, frame: frameIn(format, size, stream, maker) };
  });
  return chosen.every((one) => one !== null) ? chosen : null;
}

/** The formats of a stream that the program makes, best first. */
export const formatsOf = (stream: Stream, { formats }: Maker): readonly string[] =>
  stream.formats.filter((name) => !formats || formats.includes(name));

/** A stream's frame as the program makes it. @param size WIDTHxHEIGHT. */
export const frameIn = (
  format: string,
  size: string,
  { count }: Stream,
  { layout: { modifier, seals } }: Maker,
): Frame => ({ format, ...parseSize(size), count, modifier, seals });

/** Whether the profile plans that consumer's cells of such a frame, from whatever backend. */
function isPlanned(consumer: Consumer, frame: Frame, facts: BoardFacts): boolean {
  return facts.planned.has(frameKey(consumer, frame, facts));
}

/** A consumer's cell of a frame without its backend and modifier. */
function frameKey({ suite }: Consumer, frame: Frame, { profile }: BoardFacts): string {
  return withoutBackend(cellOf(suite, '*', frame, profile) ?? '');
}

/** Whether a required consumer was asked for every planned cell of the frame and passed none. */
function isRefusedByAll(
  { consumers }: Stream,
  frame: Frame,
  facts: BoardFacts,
  evidence: Evidence,
): boolean {
  return consumers.some((consumer) => {
    if (!consumer.required) return false;
    const records = tried(consumer, frame, facts, evidence);
    const told = new Set(records.filter(tells).map(({ cell }) => cell));
    const planned = facts.planned.get(frameKey(consumer, frame, facts)) ?? 0;
    return told.size >= planned && !records.some(({ outcome }) => outcome === 'pass');
  });
}

const tells = ({ outcome }: CellRecord) => outcome !== 'not-run' && outcome !== 'blocked';

/** Every record of a consumer and frame, whatever the backend. */
function tried(
  { suite }: Consumer,
  { format, width, height }: Frame,
  { profile }: BoardFacts,
  evidence: Evidence,
): readonly CellRecord[] {
  const importer = importerOf(suite, profile);
  if (importer === undefined) return [];
  return evidence.ofConsumer(suite, importer, format, width, height);
}
