import type { Outcome, StageName } from './record.ts';

/** What a claim rests on: somebody wrote it, or a run of bufmatrix shows it. */
export const BASES = ['claimed', 'measured'] as const;
export type Basis = (typeof BASES)[number];

/**
 * What is said of a cell before it is tried here. It never stands for a measurement of that cell,
 * whatever its basis.
 */
export interface Claim {
  /** The cell comes out as one of these; never empty. */
  readonly outcome: readonly Outcome[];
  /** A pass on pages that happened to be contiguous will do as well. */
  readonly orLucky: boolean;
  /** Where it fails: at one of these stages. Empty where that is not said. */
  readonly stage: readonly StageName[];
  /** With one of these errors, by their symbols. Empty where that is not said. */
  readonly errno: readonly string[];
  readonly reason: string;
  /** Where it is written (kernel file, issue, mail), or on which board and kernel it was seen. */
  readonly sources: readonly string[];
  readonly basis: Basis;
}

const or = (values: readonly string[]) => values.join(' or ');

/** `refused at prime-import with EINVAL, or a lucky pass`. */
export function claimWords({ outcome, stage, errno, orLucky }: Claim): string {
  const parts = [or(outcome)];
  if (stage.length) parts.push(`at ${or(stage)}`);
  if (errno.length) parts.push(`with ${or(errno)}`);
  return `${parts.join(' ')}${orLucky ? ', or a lucky pass' : ''}`;
}

/** `source (claimed): raspberrypi/linux#6706; vc4_plane.c`. */
export function sourceWords({ basis, sources }: Pick<Claim, 'basis' | 'sources'>): string {
  return `source (${basis}): ${sources.join('; ') || 'none given'}`;
}
