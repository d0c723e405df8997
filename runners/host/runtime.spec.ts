import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { allocatePlan, TestAgent } from '../agent/fixture.ts';
import { localTransport } from '../transports/local.ts';
import { agentBundle } from './bundle.ts';
import { type AgentArch, agentFiles, agentHash, nodeBinary } from './runtime.ts';

/** The first run fetches 120 MB of Node an architecture, and runs it under emulation. */
const SLOW_MS = 600_000;

/** An agent's folder as a board gets it. */
async function placed(arch: AgentArch): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-agent-'));
  const session = await localTransport().open(new AbortController().signal);
  await session.put(await agentFiles(arch), folder);
  return folder;
}

/** Hello, inventory, and three cells. */
async function tryOut(agent: TestAgent) {
  agent.send({ type: 'inventory', egl: [] });
  agent.send({ type: 'run', plan: allocatePlan(3), done: {}, kmsgMarkers: false });
  const { inventory } = await agent.reply('inventory');
  await agent.reply('done');
  const { code } = await agent.close();
  return { inventory, code, facts: agent.facts };
}

test('the bundle is small and holds neither the schema library nor what tells causes', async ({
  assert,
}) => {
  const bundle = await agentBundle();
  const sizes = [...bundle].map(([name, { length }]) => `${name} ${Math.ceil(length / 1024)} KiB`);
  console.log(`the agent's bundle: ${sizes.join(', ')}`);
  assert.equal([...bundle.keys()][0], 'agent.cjs');
  for (const [name, content] of bundle) {
    assert.notMatch(content.toString(), /strictObject|ZodError|not-contiguous/, name);
    assert.isBelow(content.length, 250_000, name);
  }
});

test('one bundle, one hash', async ({ assert }) => {
  assert.match(await agentHash(), /^[0-9a-f]{16}$/);
  assert.equal(await agentHash(), await agentHash());
});

test('started from its folder alone, it makes its calls', async ({ assert, cleanup }) => {
  const folder = await placed('x64');
  cleanup(() => rmSync(folder, { recursive: true }));
  // No node_modules above it: koffi's native file has to be found in the folder.
  const agent = new TestAgent([
    process.execPath,
    join(folder, 'agent.cjs'),
    '--lock',
    join(folder, 'lock'),
  ]);
  const { inventory, code, facts } = await tryOut(agent);
  assert.equal(code, 0);
  assert.equal(inventory.agent.arch, 'x64');
  assert.lengthOf(facts, 3);
})
  .skip(process.arch !== 'x64', 'this machine is not x86-64')
  .timeout(SLOW_MS);

const FOREIGN = [
  {
    arch: 'arm64' as const,
    emulator: '/usr/bin/qemu-aarch64-static',
    libraries: '/usr/aarch64-linux-gnu',
    elfMachine: 183,
    packages: 'qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross',
  },
  {
    arch: 'arm' as const,
    emulator: '/usr/bin/qemu-arm-static',
    libraries: '/usr/arm-linux-gnueabihf',
    elfMachine: 40,
    packages: 'qemu-user-static libc6-armhf-cross libstdc++6-armhf-cross libatomic1-armhf-cross',
  },
];

for (const { arch, emulator, libraries, elfMachine, packages } of FOREIGN)
  test(`the ${arch} agent starts and makes its calls under user emulation`, async ({
    assert,
    cleanup,
  }) => {
    const node = await nodeBinary(arch);
    assert.equal(readFileSync(node.path).readUInt16LE(18), elfMachine, 'e_machine of Node');
    const folder = await placed(arch);
    cleanup(() => rmSync(folder, { recursive: true }));
    const start = join(folder, 'node');
    writeFileSync(start, `#!/bin/sh\nexec ${emulator} -L ${libraries} ${node.path} "$@"\n`);
    chmodSync(start, 0o755);
    const lock = ['--lock', join(folder, 'lock'), '--who', 'test'];
    const agent = new TestAgent([start, join(folder, 'agent.cjs'), '--node', start, ...lock]);
    const { inventory, code, facts } = await tryOut(agent);
    assert.equal(code, 0);
    assert.deepEqual(inventory.agent, {
      version: inventory.agent.version,
      node: `v${node.version}`,
      arch,
    });
    assert.lengthOf(facts, 3);
    for (const { end, stages } of facts) {
      assert.deepEqual(end, { kind: 'done' });
      assert.equal(stages[0]?.name, 'open');
    }
  })
    .skip(!existsSync(emulator) || !existsSync(join(libraries, 'lib')), `needs ${packages}`)
    .timeout(SLOW_MS);
