import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { execa } from 'execa';
import { packageRoot } from './cli/version.ts';
import { cli, onlyRun, scratch } from './testing/cli.ts';

const PROFILE = `schema: 1
name: tiny
title: This machine
devices: {}
backends: [udmabuf]
suites:
  allocate: { formats: [XR24], sizes: [64x64] }
`;

const LAB = 'boards:\n  one: { profile: ./tiny.yaml, access: local }\n';

/** A colour, as opposed to the line that a terminal has cleared. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
const COLOUR = /\x1b\[[0-9;]*m/;

/** Runs a shell line on a terminal of its own. @returns what the terminal was given. */
async function onTerminal(line: string, cwd: string): Promise<string> {
  const { NO_COLOR: _, ...env } = process.env;
  const { stdout } = await execa('script', ['-qec', line, '/dev/null'], {
    cwd,
    env,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
  });
  return stdout;
}

test.group('colours', (group) => {
  group.each.timeout(120_000);

  test('are for terminals alone, stream by stream, and not with NO_COLOR', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    writeFileSync(join(folder, 'tiny.yaml'), PROFILE);
    writeFileSync(join(folder, 'lab.yaml'), LAB);
    assert.equal((await cli(['run', 'one'], folder)).code, 0);
    const id = onlyRun(folder).split('/').at(-1);
    const program = `'${process.execPath}' '${join(packageRoot, 'bin', 'bufmatrix.js')}'`;
    const inFile = () => readFileSync(join(folder, 'out'), 'utf8');

    // Resuming a run that is complete prints its matrix and no more.
    for (const command of [`run --resume ${id}`, `report ${id}`]) {
      assert.match(await onTerminal(`${program} ${command}`, folder), COLOUR);
      assert.match(await onTerminal(`${program} ${command} 2> err`, folder), COLOUR);
      await onTerminal(`${program} ${command} > out`, folder);
      assert.include(inFile(), 'udmabuf');
      assert.notMatch(inFile(), COLOUR);
      assert.notMatch(await onTerminal(`NO_COLOR=1 ${program} ${command}`, folder), COLOUR);
    }
    await onTerminal(`${program} report ${id} --output out`, folder);
    assert.notMatch(inFile(), COLOUR);
  });
});
