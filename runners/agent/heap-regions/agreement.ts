/** Rounds before a question counts as unanswered. */
const ROUNDS = 6;

/**
 * The answer that two rounds in a row give; other programs allocate as well, and one round may have
 * seen theirs. Undefined: no two agreed.
 * @param ask what one round saw; undefined when that says nothing.
 */
export function agreed<T>(ask: (round: number) => T | undefined): T | undefined {
  let last: T | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const now = ask(round);
    if (now !== undefined && now === last) return now;
    last = now;
  }
  return undefined;
}
