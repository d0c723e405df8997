import { join } from 'node:path';
import type { Board } from '../../devices/boards.ts';
import { localTransport } from '../../runners/transports/local.ts';
import type { Transport } from '../../runners/transports/session.ts';
import { sshTransport } from '../../runners/transports/ssh.ts';
import { virtualTransport } from '../../runners/transports/virtual.ts';
import { cacheFolder } from '../../runners/virtual/cache.ts';
import { ensureImages, type Images } from '../../runners/virtual/images.ts';
import { startVirtualBoard } from '../../runners/virtual/qemu.ts';
import type { BoardRun } from '../../suites/run.ts';
import { buildProgress } from './build-progress.ts';

/** The way to a board, and what run.json says of it if it is a virtual one. */
export interface Way {
  readonly transport: Transport;
  readonly virtual: BoardRun['virtual'];
}

export function transportOf(board: Board, log: NodeJS.WriteStream): Way {
  const { access } = board;
  switch (access.kind) {
    case 'local':
      return { transport: localTransport(), virtual: null };
    case 'ssh': {
      const { hostKey, identityFile } = board;
      return { transport: sshTransport({ ...access, hostKey, identityFile }), virtual: null };
    }
    case 'virtual':
      return virtualWay(board, log);
  }
}

function virtualWay(board: Board, log: NodeJS.WriteStream): Way {
  const recipe = board.profile.profile.machine;
  if (!recipe) throw new RangeError(`${board.name} has no machine`);
  const { kernel, mesa, applications, accel } = board.virtual;
  const { arch } = recipe;
  // Filled in as the board comes up: it names what was really built, and how it really runs.
  const virtual: { kernel: string; rootfs: string; accel: string } = {
    kernel: kernel ?? 'default',
    rootfs: mesa ?? 'default',
    accel,
  };
  const start = async (signal: AbortSignal) => {
    const images = await ensureImages(
      {
        arch,
        applications,
        ...(kernel === null ? {} : { kernel }),
        ...(mesa === null ? {} : { mesa }),
      },
      buildProgress(log),
      signal,
    );
    signal.throwIfAborted();
    Object.assign(virtual, named(images));
    const stateDir = join(cacheFolder(), 'boards');
    const started = await startVirtualBoard({
      name: board.name,
      recipe,
      images,
      stateDir,
      accel,
    });
    virtual.accel = started.accel;
    return started;
  };
  return { transport: virtualTransport(board.name, start), virtual };
}

/** What the board is made of: `6.12.94-1 (6.12.94)`, `trixie-backports, Mesa 26.1.6-1`. */
function named({ kernel, rootfs }: Images): { kernel: string; rootfs: string } {
  const mesa = rootfs.mesaVersion === null ? 'no Mesa' : `Mesa ${rootfs.mesaVersion}`;
  const programs = Object.entries(rootfs.applications).map((entry) => entry.join(' '));
  return {
    kernel: `${kernel.release} (Debian source ${kernel.sourceVersion})`,
    rootfs: [rootfs.suite, mesa, ...programs].join(', '),
  };
}
