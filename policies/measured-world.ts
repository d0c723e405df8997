import type { SuiteName } from '../suites/cell.ts';
import { allocationOf } from './allocation.ts';
import type { BoardFacts } from './board.ts';
import { answerOf, evidenceOf } from './evidence.ts';
import { nodesOf } from './nodes.ts';
import { backendOf, cellOf } from './on-board.ts';
import type { Provider } from './provider.ts';
import { closedTo, type Judged } from './user.ts';
import type { Answer, World } from './world.ts';

const yes = (why: string): Answer => ({ kind: 'yes', why, proof: [] });
const no = (why: string): Answer => ({ kind: 'no', why, proof: [] });

/** A board that was measured, as a policy's walk asks it. */
export function measuredWorld(
  facts: BoardFacts,
  user: Judged,
  evidence = evidenceOf(facts.records),
): World {
  const { profile, inventory } = facts;
  const backend = (provider: Provider) => backendOf(provider, profile);
  return {
    backendOf: backend,
    hasDrm: inventory.drm.length > 0,
    present: (provider) => {
      const name = backend(provider);
      if (name === null) return no('the board has no such device');
      if (name === 'memory') return yes('plain memory is always there');
      return nodesOf(name, inventory).length ? yes('it is there') : no('it is not there');
    },
    opens: (provider) => {
      const nodes = nodesOf(backend(provider) ?? '', inventory);
      const reasons = nodes.map((node) => closedTo(user, node, provider.open));
      const closed = reasons.find((reason) => reason !== null);
      return closed && reasons.every((reason) => reason !== null) ? no(closed) : yes('it opens');
    },
    allocates: (provider, frame, held) =>
      allocationOf(backend(provider) ?? '', frame, held, facts, evidence),
    takes: (provider, { name, suite }, frame) => {
      if (provider.from === 'memory') return ofPlainMemory(suite);
      const cell = cellOf(suite, backend(provider) ?? '', frame, profile);
      if (cell === null)
        return { kind: 'unknown', why: `the board has no ${name}`, proof: [], missing: [] };
      return answerOf(evidence, cell);
    },
  };
}

/** The CPU reads it, a GPU uploads a copy of it; no other device takes it. */
export function ofPlainMemory(suite: SuiteName): Answer {
  if (suite === 'egl-sample') return yes('the GPU is given a copy (a texture upload)');
  if (suite === 'allocate' || suite === 'cpu') return yes('the CPU reads plain memory');
  return no('it takes no plain memory');
}
