import type { Tally } from './model.ts';

/** `0.0034`, `<0.0001`: more digits would say more than there is to know. */
export const pWords = (p: number): string => (p < 0.0001 ? '<0.0001' : p.toPrecision(2));

/** `refused at qbuf EFAULT`: what attempts came to, in words. */
export function resultWords({
  outcome,
  stage,
  errno,
  lucky,
}: Pick<Tally, 'outcome' | 'stage' | 'errno' | 'lucky'>): string {
  if (outcome === 'pass') return lucky ? 'lucky pass' : 'pass';
  return `${outcome}${stage ? ` at ${stage}` : ''}${errno ? ` ${errno}` : ''}`;
}
