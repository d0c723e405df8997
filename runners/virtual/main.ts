import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Machine } from '../../devices/machine.ts';
import { UserError } from '../../devices/problem.ts';
import { ARCHES, type Arch } from './arch.ts';
import { missingPackages } from './doctor.ts';
import { ensureImages } from './images.ts';
import type { ProgressEvent } from './progress.ts';
import { startVirtualBoard } from './qemu.ts';

const USAGE = `Usage:
  main.ts build [--arch x86_64|arm] [--kernel 6.12] [--mesa 26.1] [--applications] [--refresh]
  main.ts packages
  main.ts start RECIPE.json [--name NAME] [--kernel 6.12] [--mesa 26.1] [--accel auto|tcg|kvm]
               [--applications]

build makes the images that the cache lacks. start also starts a board of the
machine that the file describes, prints how to reach it, and keeps it until
Ctrl-C.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    arch: { type: 'string', default: 'x86_64' },
    kernel: { type: 'string' },
    mesa: { type: 'string' },
    applications: { type: 'boolean', default: false },
    refresh: { type: 'boolean', default: false },
    name: { type: 'string', default: 'by-hand' },
    accel: { type: 'string', default: 'auto' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** At most a line a second, and each new step. */
function reporter(): (event: ProgressEvent) => void {
  let step = '';
  let shownMs = 0;
  return (event) => {
    const nowMs = performance.now();
    if (event.step === step && nowMs - shownMs < 5000) return;
    step = event.step;
    shownMs = nowMs;
    const count = event.total === undefined ? '' : ` ${event.done}/${event.total}`;
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${step}${count}\n`);
  };
}

function usage(message: string): UserError {
  return new UserError({ code: 'usage', message, hint: 'main.ts --help' });
}

function isArch(text: string): text is Arch {
  return Object.hasOwn(ARCHES, text);
}

function selection(arch: Arch) {
  const { kernel, mesa, applications, refresh } = values;
  return { arch, applications, refresh, ...(kernel ? { kernel } : {}), ...(mesa ? { mesa } : {}) };
}

/** Prints the Debian packages that are not installed here and that any virtual board needs. */
async function packages(): Promise<void> {
  const missing = await Promise.all([missingPackages('x86_64'), missingPackages('arm')]);
  process.stdout.write([...new Set(missing.flatMap(({ names }) => names)), ''].join('\n'));
}

async function build(): Promise<void> {
  if (!isArch(values.arch)) throw usage(`no architecture ${values.arch}`);
  const images = await ensureImages(selection(values.arch), reporter());
  process.stdout.write(`${JSON.stringify(images, null, 2)}\n`);
}

async function start(file: string | undefined): Promise<void> {
  if (file === undefined) throw usage('start needs a file');
  const { accel, name } = values;
  if (accel !== 'auto' && accel !== 'tcg' && accel !== 'kvm')
    throw usage(`no accelerator ${accel}`);
  const recipe = Machine.parse(JSON.parse(await readFile(file, 'utf8')));
  const images = await ensureImages(selection(recipe.arch), reporter());
  const stateDir = join(homedir(), '.local/state/bufmatrix');
  const startedMs = performance.now();
  const board = await startVirtualBoard({ name, recipe, images, stateDir, accel });
  process.once('SIGINT', () => void board.stop());
  process.once('SIGTERM', () => void board.stop());
  await board.waitForSsh(120_000);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(
    `up after ${seconds} s, pid ${board.pid}, ${board.accel}, console ${board.consoleLog}\n` +
      `host key: ${board.hostKey}\n` +
      `ssh -i ${board.identityFile} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no ` +
      `-o UserKnownHostsFile=/dev/null -p ${board.sshPort} root@${board.sshHost}\n`,
  );
  await board.ended;
}

try {
  const [command, file] = positionals;
  if (values.help) process.stdout.write(USAGE);
  else if (command === 'build') await build();
  else if (command === 'start') await start(file);
  else if (command === 'packages') await packages();
  else throw usage(`no command ${command ?? ''}`);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
