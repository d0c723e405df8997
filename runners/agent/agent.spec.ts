import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@japa/runner';
import type { Plan } from '../../suites/plan.ts';
import { allocatePlan, TestAgent } from './fixture.ts';

const run = (plan: Plan) => ({ type: 'run' as const, plan, done: {}, kmsgMarkers: false });

/** Long enough that a test can hurt a worker while it is at it. */
const MANY = 3000;

test('says hello, what the board has, and tries the cells in order', async ({ assert }) => {
  const agent = TestAgent.here();
  agent.send({ type: 'inventory', egl: [] });
  const plan = allocatePlan(5);
  agent.send(run(plan));
  await agent.reply('done');
  assert.deepEqual(await agent.close(), { code: 0, signal: null });
  const hello = await agent.reply('hello');
  assert.equal(hello.pid, agent.child.pid);
  assert.isNull(hello.lockedBy);
  const { inventory } = await agent.reply('inventory');
  assert.equal(inventory.agent.arch, process.arch);
  assert.deepEqual(
    agent.facts.map((facts) => facts.cell),
    plan.cells.map((cell) => cell.id),
  );
  for (const facts of agent.facts) {
    assert.deepEqual(facts.end, { kind: 'done' });
    assert.equal(facts.stages[0]?.name, 'open');
  }
  const types = agent.replies.map((reply) => reply.type);
  assert.deepEqual(types.slice(0, 4), ['hello', 'inventory', 'start', 'facts']);
  assert.equal(types.at(-1), 'done');
});

test('asked again for what it has, it looks at EGL and nothing else', async ({ assert }) => {
  const agent = TestAgent.here();
  agent.send({ type: 'inventory', egl: [] });
  agent.send({ type: 'inventory', egl: ['no-such-driver'] });
  agent.send(run(allocatePlan(1)));
  await agent.reply('done');
  await agent.close();
  const [first, second] = agent.replies.flatMap((reply) =>
    reply.type === 'inventory' ? [reply.inventory] : [],
  );
  assert.deepEqual(first?.egl, []);
  assert.equal(second?.egl[0]?.error, 'no such DRM device');
  assert.deepEqual({ ...second, egl: [] }, first);
});

test('a worker that {signal} kills is that one cell, and all others run')
  .with([{ signal: 'SIGSEGV' as const }, { signal: 'SIGABRT' as const }])
  .run(async ({ assert, cleanup }, { signal }) => {
    const agent = TestAgent.here();
    cleanup(async () => void (await agent.close()));
    agent.send(run(allocatePlan(MANY)));
    await agent.reply('facts');
    for (const pid of agent.workers()) process.kill(pid, signal);
    await agent.reply('done');
    assert.equal(new Set(agent.facts.map((facts) => facts.cell)).size, MANY);
    assert.lengthOf(agent.facts, MANY);
    const dead = agent.facts.filter((facts) => facts.end.kind !== 'done');
    assert.lengthOf(dead, 1);
    assert.deepEqual(dead[0]?.end, { kind: 'died', signal, code: null });
  });

test('a worker that hangs is killed at the deadline, and all other cells run', async ({
  assert,
  cleanup,
}) => {
  const agent = TestAgent.here();
  cleanup(async () => void (await agent.close()));
  agent.send(run(allocatePlan(MANY, 4000)));
  await agent.reply('facts');
  const stopped = agent.workers();
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  await agent.reply('done');
  assert.lengthOf(agent.facts, MANY);
  const dead = agent.facts.filter((facts) => facts.end.kind !== 'done');
  assert.lengthOf(dead, 1);
  assert.deepEqual(dead[0]?.end, { kind: 'deadline', limitMs: 4000, stuck: false });
  assert.isAbove(dead[0]?.us ?? 0, 3_900_000);
  assert.notIncludeMembers(agent.workers(), stopped);
});

test('the end of stdin ends the agent and its workers in the middle of a run', async ({
  assert,
}) => {
  const agent = TestAgent.here();
  agent.send(run(allocatePlan(MANY)));
  await agent.reply('facts');
  const workers = agent.workers();
  assert.lengthOf(workers, 1);
  assert.deepEqual(await agent.close(), { code: 0, signal: null });
  assert.isBelow(agent.facts.length, MANY);
  for (const pid of workers) assert.throws(() => process.kill(pid, 0), /ESRCH/);
});

test('{signal} of the agent leaves no worker behind')
  .with([{ signal: 'SIGTERM' }, { signal: 'SIGHUP' }, { signal: 'SIGKILL' }] as const)
  .run(async ({ assert }, { signal }) => {
    const agent = TestAgent.here();
    agent.send(run(allocatePlan(MANY)));
    await agent.reply('facts');
    const workers = agent.workers();
    agent.child.kill(signal);
    await agent.ended;
    const gone = () =>
      workers.every((pid) => {
        try {
          process.kill(pid, 0);
          return false;
        } catch {
          return true;
        }
      });
    for (let tries = 0; tries < 100 && !gone(); tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.isTrue(gone());
  });

test('a reader that goes away ends it', async ({ assert }) => {
  const agent = TestAgent.here();
  await agent.reply('hello');
  agent.child.stdout?.destroy();
  agent.send(run(allocatePlan(MANY)));
  assert.equal((await agent.ended).code, 0);
  assert.lengthOf(agent.workers(), 0);
});

test('one board, one agent: the second is told who has it', async ({ assert, cleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-lock-'));
  cleanup(() => rmSync(folder, { recursive: true }));
  const lock = ['--lock', join(folder, 'lock')];
  const first = TestAgent.here(...lock, '--who', 'ann@desk, run 1, since 10:31');
  assert.isNull((await first.reply('hello')).lockedBy);
  const second = TestAgent.here(...lock, '--who', 'bob@desk');
  assert.equal((await second.reply('hello')).lockedBy, 'ann@desk, run 1, since 10:31');
  assert.deepEqual(await second.ended, { code: 0, signal: null });
  await first.close();
  const third = TestAgent.here(...lock, '--who', 'bob@desk');
  assert.isNull((await third.reply('hello')).lockedBy);
  await third.close();
});

test('a request that is not understood is answered, and the next one is heard', async ({
  assert,
  cleanup,
}) => {
  const agent = TestAgent.here();
  cleanup(async () => void (await agent.close()));
  agent.child.stdin?.write('{"type":"dance"}\n');
  assert.match((await agent.reply('error')).message, /not understood/);
  agent.send(run(allocatePlan(1)));
  await agent.reply('done');
  assert.lengthOf(agent.facts, 1);
});

test('no worker at all is an error, not a result', async ({ assert, cleanup }) => {
  const agent = TestAgent.here('--node', '/bin/false');
  cleanup(async () => void (await agent.close()));
  agent.send(run(allocatePlan(1)));
  assert.match((await agent.reply('error')).message, /the worker did not start \(exit code 1\)/);
  assert.lengthOf(agent.facts, 0);
});

test('a host that falls silent ends it, and its lock is free again; pings keep it', async ({
  assert,
  cleanup,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-lock-'));
  cleanup(() => rmSync(folder, { recursive: true }));
  const lock = ['--lock', join(folder, 'lock'), '--who', 'ann'];
  const agent = TestAgent.here(...lock, '--silence', '1500');
  await agent.reply('hello');
  const begun = Date.now();
  const pings = setInterval(() => agent.send({ type: 'ping' }), 300);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  clearInterval(pings);
  assert.deepEqual(await agent.ended, { code: 0, signal: null });
  assert.isAtLeast(Date.now() - begun, 4200);
  const next = TestAgent.here(...lock);
  assert.isNull((await next.reply('hello')).lockedBy);
  await next.close();
});

test('agents with lock files of their own do not share a board either', async ({
  assert,
  cleanup,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-lock-'));
  cleanup(() => rmSync(folder, { recursive: true }));
  const whole = join(folder, 'os-release');
  writeFileSync(whole, 'NAME=test\n');
  const lock = (name: string) => ['--lock', join(folder, name), '--board-lock', whole];
  const first = TestAgent.here(...lock('a'), '--who', 'ann@desk, run 1');
  assert.isNull((await first.reply('hello')).lockedBy);
  const second = TestAgent.here(...lock('b'), '--who', 'bob@desk');
  assert.equal((await second.reply('hello')).lockedBy, 'ann@desk, run 1');
  await first.close();
  await second.ended;
  assert.equal(readFileSync(whole, 'utf8'), 'NAME=test\n');
  const third = TestAgent.here(...lock('c'));
  assert.isNull((await third.reply('hello')).lockedBy);
  await third.close();
});

test('within a budget it begins no further cell, says done, and takes another plan', async ({
  assert,
  cleanup,
}) => {
  const agent = TestAgent.here();
  cleanup(async () => void (await agent.close()));
  agent.send({ ...run(allocatePlan(MANY)), budgetMs: 50 });
  await agent.reply('done');
  const told = agent.facts.length;
  assert.isBelow(told, MANY);
  const [first] = allocatePlan(1).cells;
  if (!first) throw new Error('a plan of one cell');
  const plan = { ...allocatePlan(1), cells: [{ ...first, id: 'again' }] };
  agent.send(run(plan));
  for (let tries = 0; tries < 600 && agent.facts.length === told; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(agent.facts.at(-1)?.cell, 'again');
});
