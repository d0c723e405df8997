import { test } from '@japa/runner';
import { attemptsOf } from './attempts.ts';
import { allocatePlan } from './fixture.ts';
import { parseRequest } from './request.ts';

const run = () => ({ type: 'run', plan: allocatePlan(2), done: {}, kmsgMarkers: false });

test('what the host sends is taken as it is', ({ assert }) => {
  assert.deepEqual(parseRequest(JSON.stringify(run())), run());
  const plan = allocatePlan(1);
  const cells = plan.cells.map((cell) => ({ ...cell, variation: 'tight-stride' }));
  const experiments = { ...run(), plan: { ...plan, cells }, budgetMs: 60_000 };
  assert.equal(
    JSON.stringify(parseRequest(JSON.stringify(experiments))),
    JSON.stringify(experiments),
  );
  const inventory = { type: 'inventory', egl: ['swrast'] };
  assert.deepEqual(parseRequest(JSON.stringify(inventory)), inventory);
  const heaps = { type: 'heaps', exhaustCma: false };
  assert.deepEqual(parseRequest(JSON.stringify(heaps)), heaps);
});

test('what the agent would stumble over is refused: {what}')
  .with([
    { what: 'no JSON', line: 'nonsense' },
    { what: 'an unknown type', line: '{"type":"dance"}' },
    { what: 'egl that is no list', line: '{"type":"inventory","egl":"swrast"}' },
    { what: 'heaps without leave or refusal', line: '{"type":"heaps"}' },
    { what: 'a negative count', line: JSON.stringify({ ...run(), done: { x: -1 } }) },
    { what: 'a budget that is none', line: JSON.stringify({ ...run(), budgetMs: 'long' }) },
    {
      what: 'an unknown variation',
      line: JSON.stringify({
        ...run(),
        plan: {
          ...allocatePlan(1),
          cells: allocatePlan(1).cells.map((cell) => ({ ...cell, variation: 'upside-down' })),
        },
      }),
    },
    { what: 'a flag that is none', line: JSON.stringify({ ...run(), kmsgMarkers: 'yes' }) },
    {
      what: 'a plan without limits',
      line: JSON.stringify({ ...run(), plan: { ...allocatePlan(1), limits: {} } }),
    },
    {
      what: 'half a cell',
      line: JSON.stringify({ ...run(), plan: { ...allocatePlan(1), cells: [{ id: 'x' }] } }),
    },
  ])
  .run(({ assert }, { line }) => {
    assert.throws(() => parseRequest(line), /a request is not/);
  });

test('attempts go on after those that are done, and skipped cells are passed over', ({
  assert,
}) => {
  const plan = { ...allocatePlan(3), repeat: 2 };
  const [first, second, third] = plan.cells;
  if (!first || !second || !third) throw new Error('three cells were asked for');
  const cells = [first, second, { ...third, skip: 'filtered' }];
  const attempts = attemptsOf({ ...plan, cells }, { [first.id]: 1 });
  assert.deepEqual(
    attempts.map(({ cell, attempt }) => [cell.id, attempt]),
    [
      [first.id, 2],
      [second.id, 1],
      [second.id, 2],
    ],
  );
  assert.deepEqual(attemptsOf(plan, { [first.id]: 9 }).length, 4);
});
