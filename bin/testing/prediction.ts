import { join } from 'node:path';
import type { BoardFacts } from '../../policies/board.ts';
import { courtOf, judgePolicy } from '../../policies/judge.ts';
import { loadPolicy } from '../../policies/load.ts';
import { UseCase } from '../../policies/use-case.ts';
import type { Verdict } from '../../policies/verdict.ts';
import type { Program, Task } from '../../suites/application/program.ts';
import { packageRoot } from '../cli/version.ts';

/**
 * What the policy that claims to describe a program comes to on a measured board, when nothing but the
 * one who takes the program's buffers counts.
 * @param hidden paths of nodes that the board is to be thought without.
 */
export function predictedVerdict(
  { policy: name, suite }: Program,
  { format, width, height }: Task,
  facts: BoardFacts,
  hidden: readonly string[],
): Verdict {
  const { value: policy } = loadPolicy(join(packageRoot, 'policies', `${name}.yaml`));
  const useCase = UseCase.parse({
    schema: 1,
    name: 'application',
    title: 'the buffers of one program and the one who takes them',
    sizes: [`${width}x${height}`],
    buffers: [
      {
        name: 'frame',
        formats: [format],
        consumers: [{ name: 'consumer', suite, required: true }],
      },
    ],
  });
  return judgePolicy(courtOf(withoutNodes(facts, hidden)), policy, useCase);
}

function withoutNodes(facts: BoardFacts, hidden: readonly string[]): BoardFacts {
  const { heaps, udmabuf, ...rest } = facts.inventory;
  const isHidden = (path: string | undefined) => path !== undefined && hidden.includes(path);
  const inventory = {
    ...rest,
    heaps: heaps.filter(({ node }) => !isHidden(node.path)),
    udmabuf: isHidden(udmabuf.node?.path) ? { ...udmabuf, node: null } : udmabuf,
  };
  return { ...facts, inventory };
}
