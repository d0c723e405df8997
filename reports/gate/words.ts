import type { Tally } from './model.ts';

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
