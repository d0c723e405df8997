import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { packageRoot, version } from '../../bin/cli/version.ts';
import { bundleOptions } from '../../runners/host/bundle-options.ts';
import { agentHash } from '../../runners/host/runtime.ts';
import type { Session } from '../../runners/transports/session.ts';
import { shell } from './shell.ts';

/** Where the benchmark keeps its programs on the board; the board's root is in memory, so it goes by itself. */
export const GUEST_FOLDER = '/tmp/bufmatrix-bench';

/** The shell words that start the agent's Node on the board, as launch.ts starts the agent. */
export const NODE = 'NODE_OPTIONS= NODE_NO_WARNINGS=1 MESA_SHADER_CACHE_DISABLE=true ./node';

/**
 * Puts the C program and the tight loop there, and links to what the agent has brought: its Node and
 * koffi. So the agent must be there.
 */
export async function fillGuestFolder(session: Session, cProgram: string): Promise<void> {
  const { outputFiles } = await build(
    bundleOptions(packageRoot, 'scripts/benchmark/loop-on-board.ts', version),
  );
  const [loop] = outputFiles;
  if (!loop) throw new Error('esbuild gave no file for the loop');
  await session.put(
    [
      { path: 'cells', content: readFileSync(cProgram), executable: true },
      { path: 'loop.cjs', content: loop.contents, executable: false },
    ],
    GUEST_FOLDER,
  );
  const agent = `~/.cache/bufmatrix/agent-${await agentHash()}`;
  await shell(
    session,
    `cd ${GUEST_FOLDER} && read -r node < ${agent}/complete && ln -sf "$node" node && ln -sfn ${agent}/koffi koffi`,
  );
}
