import { z } from 'zod';
import { Expectation, Profile } from './profile.ts';

/** Runs of before sources were asked for lack these two; what is not said is a claim, without source. */
const StoredExpectation = Expectation.extend({
  source: Expectation.shape.source.default([]),
  basis: Expectation.shape.basis.default('claimed'),
});

/**
 * A profile as run.json holds it: as strict as the file was when the run was made, not as strict as
 * a file must be today.
 */
export const StoredProfile = z.strictObject({
  ...Profile.shape,
  expect: z.array(StoredExpectation).default([]),
});
