import { UserError } from '../problem.ts';

/** What something is refused with. @throws Error where it is not refused, or by no {@link UserError}. */
export function refusal(body: () => unknown): UserError {
  try {
    body();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
