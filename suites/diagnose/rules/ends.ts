import { kernelFault, oomKill } from '../../judge.ts';
import type { CellRecord } from '../../record.ts';
import { because, type Cause, seen } from '../cause.ts';
import type { Rule } from '../trials.ts';

/** Cells that did not end by themselves, and those in which the kernel faulted. */
export const ends: Rule = (record, rung) => {
  const { end, kernelLog, outcome } = record;
  const where = rung ? ` in the stage ${rung.name}` : '';
  if (end.kind === 'never') return because('interrupted', 'told', seen(end.why));
  if (end.kind === 'board-lost') return because('board-lost', 'told', seen(end.why));
  const fault = kernelFault(kernelLog);
  if (fault !== undefined && outcome === 'crash')
    return because('kernel-oops', 'told', seen(`kernel log: ${fault}`));
  if (end.kind === 'deadline') {
    const stuck = end.stuck ? '; SIGKILL did not end it (state D)' : '';
    return because(
      'driver-hang',
      'told',
      seen(`no answer within ${end.limitMs / 1000} s${where}${stuck}`),
    );
  }
  if (outcome === 'not-run') return because('harness', 'told', seen(record.reason ?? 'not run'));
  return outcome === 'crash' ? death(record, where) : null;
};

function death({ end, kernelLog, stderr, errno }: CellRecord, where: string): Cause {
  const oom = oomKill(kernelLog);
  if (oom !== undefined) return because('out-of-memory', 'told', seen(`kernel log: ${oom}`));
  if (errno === 'SIGKILL')
    return because(
      'out-of-memory',
      'likely',
      seen('SIGKILL, which nobody here sent: the OOM killer sends it'),
    );
  const how =
    end.kind === 'died' && end.signal === null ? `exit code ${end.code}` : (errno ?? 'the end');
  const words = stderr.at(-1);
  return because(
    'driver-crash',
    end.kind === 'died' && end.signal !== null ? 'told' : 'likely',
    seen(`the worker ended${where}: ${how}`),
    ...(words ? [seen(`its last words: ${words}`)] : []),
  );
}
