import type { SuiteName } from '../cell.ts';
import { contiguousByConstruction } from '../contiguous.ts';
import { WITNESS } from '../luck.ts';
import type { CellRecord } from '../record.ts';
import type { ApplicationFacts } from './facts.ts';
import type { Task } from './program.ts';

/** What measured cells say of buffers that a program gives to somebody. */
export interface Prediction {
  /** unknown: nothing was measured, or it came out in several ways. */
  readonly answer: 'accepted' | 'refused' | 'unknown';
  /** What a refusal says; null where it is not known. */
  readonly errno: string | null;
  /**
   * Whether a buffer may be accepted all the same: its pages need not be scattered, and whoever takes
   * it refused those that cannot be anything else.
   */
  readonly luck: boolean;
  /** Ids of the cells that say so. */
  readonly proof: readonly string[];
}

/** How a program's facts stand to a prediction. */
export interface Comparison {
  /** In words; none where the prediction held. */
  readonly contradictions: string[];
  /** Indices of buffers that were accepted by luck. */
  readonly lucky: readonly number[];
  /** Indices of buffers that nobody answered for: they say nothing. */
  readonly unanswered: readonly number[];
}

/**
 * What a program has to expect of the buffers of one backend, by the cells of a suite. Where several
 * devices were measured, all have to agree. Pure.
 * @param records of one board, marked for luck.
 */
export function predict(
  records: readonly CellRecord[],
  suite: SuiteName,
  backend: string,
  { format, width, height }: Pick<Task, 'format' | 'width' | 'height'>,
): Prediction {
  const frame = (record: CellRecord) =>
    record.suite === suite &&
    record.format === format &&
    record.width === width &&
    record.height === height;
  const cells = records.filter((record) => frame(record) && record.backend === backend);
  const witnesses = records.filter((record) => frame(record) && record.backend === WITNESS);
  const isRefusal = ({ outcome, lucky }: CellRecord) => outcome === 'refused' || lucky;
  const isPass = ({ outcome, lucky }: CellRecord) => outcome === 'pass' && !lucky;
  const proof = [...cells, ...witnesses].map(({ cell }) => cell);
  if (cells.length > 0 && cells.every(isPass))
    return { answer: 'accepted', errno: null, luck: false, proof };
  if (cells.length > 0 && cells.every(isRefusal)) {
    const errnos = new Set([...cells, ...witnesses].flatMap(({ errno }) => errno ?? []));
    const [errno = null] = errnos.size === 1 ? errnos : [];
    const luck =
      witnesses.some(({ outcome }) => outcome === 'refused') &&
      !cells.some(contiguousByConstruction);
    return { answer: 'refused', errno, luck, proof };
  }
  return { answer: 'unknown', errno: null, luck: false, proof };
}

/** Holds what a program did with its buffers against what was predicted of them. Pure. */
export function compare(
  { provider, buffers }: Pick<ApplicationFacts, 'provider' | 'buffers'>,
  { answer, errno, luck }: Prediction,
): Comparison {
  const contradictions: string[] = [];
  const lucky: number[] = [];
  const unanswered: number[] = [];
  if (buffers.length === 0) contradictions.push(`no buffer of ${provider} was given to anybody`);
  for (const buffer of buffers) {
    const said = `buffer ${buffer.index} of ${provider} was ${buffer.answer} (${buffer.errno ?? buffer.text})`;
    if (buffer.answer === 'none') unanswered.push(buffer.index);
    else if (answer === 'unknown') contradictions.push(`${said}, and the cells do not say which`);
    else if (buffer.answer === 'accepted' && answer === 'refused') {
      if (luck) lucky.push(buffer.index);
      else contradictions.push(`${said}, predicted was a refusal, and luck is ruled out`);
    } else if (buffer.answer !== answer) contradictions.push(`${said}, predicted was ${answer}`);
    else if (errno !== null && buffer.errno !== null && buffer.errno !== errno)
      contradictions.push(`${said}, predicted was ${errno}`);
  }
  return { contradictions, lucky, unanswered };
}
