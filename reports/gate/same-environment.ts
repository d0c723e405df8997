import { AXES, type Axis, type Environment } from './model.ts';

/** One thing in which a board is not as it was. */
export interface Contradiction {
  readonly axis: Axis;
  readonly was: string;
  readonly is: string;
}

/**
 * All in which a board that was reached again is another than before. What one of the two does not
 * say is no contradiction: a few cells do not ask for all that a whole run does.
 */
export function contradictions(before: Environment, now: Environment): Contradiction[] {
  return AXES.flatMap((axis) => {
    const [was, is] = [before[axis], now[axis]];
    return was === null || is === null || was === is ? [] : [{ axis, was, is }];
  });
}
