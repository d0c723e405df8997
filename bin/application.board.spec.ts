import { test } from '@japa/runner';
import type { BoardFacts } from '../policies/board.ts';
import type { Verdict } from '../policies/verdict.ts';
import { withCompositor } from '../runners/applications/compositor.ts';
import { visibleNodes } from '../runners/applications/nodes.ts';
import { runProgram } from '../runners/applications/run-program.ts';
import { cam } from '../suites/application/cam.ts';
import { compare, predict } from '../suites/application/compare.ts';
import type { ApplicationFacts } from '../suites/application/facts.ts';
import { kmssink } from '../suites/application/kmssink.ts';
import type { Program, Task } from '../suites/application/program.ts';
import { waylandsink } from '../suites/application/waylandsink.ts';
import { isSystemHeap } from '../suites/heap-kind.ts';
import { loadRun } from './cli/load-run.ts';
import { type DeskBoard, deskBoard } from './testing/board.ts';
import { cli, onlyRun, scratch } from './testing/cli.ts';
import { predictedVerdict } from './testing/prediction.ts';

const EACH_MS = 5 * 60_000;

const DISPLAY = 'contig_kms';
const FRAME = { format: 'NV12', width: 640, height: 480 };
const TASK: Task = { ...FRAME, frames: 6, display: DISPLAY };
const CELLS = [
  `kms-primary/*/kms:${DISPLAY}/${FRAME.format}/${FRAME.width}x${FRAME.height}/0x0`,
  `egl-sample/*/egl:swrast/${FRAME.format}/${FRAME.width}x${FRAME.height}/0x0`,
];

/** Whence a program may allocate. */
type Kind = 'cma' | 'system' | 'udmabuf';
const KINDS: readonly Kind[] = ['cma', 'system', 'udmabuf'];

/** The nodes of all kinds but those. */
function without(nodes: readonly string[], kept: readonly Kind[]): string[] {
  const kindOf = (node: string): Kind | null => {
    const [, heap] = /^\/dev\/dma_heap\/(.*)$/.exec(node) ?? [];
    if (heap !== undefined) return isSystemHeap(heap) ? 'system' : 'cma';
    return node === '/dev/udmabuf' ? 'udmabuf' : null;
  };
  return nodes.filter((node) => {
    const kind = kindOf(node);
    return kind !== null && !kept.includes(kind);
  });
}

/** Every set of them, none included. */
const SETS: readonly (readonly Kind[])[] = Array.from({ length: 1 << KINDS.length }, (_, bits) =>
  KINDS.filter((_kind, index) => bits & (1 << index)),
);

/** What a test saw, for whoever reads its output: luck must not go unsaid. */
function say(board: string, facts: ApplicationFacts, lucky: readonly number[] = []): void {
  const { program, version, provider, buffers, shown } = facts;
  const answers = buffers.map(({ answer, errno }) => errno ?? answer).join(' ');
  const luck = lucky.length > 0 ? `, ${lucky.length} of them by luck` : '';
  console.log(
    `    ${board}: ${program} ${version}, ${provider}: ${answers}${luck}, ${shown} shown`,
  );
}

for (const { name, contiguousOnly } of [
  { name: 'virtual-no-iommu', contiguousOnly: true },
  { name: 'virtual-iommu', contiguousOnly: false },
]) {
  test.group(`real programs on ${name}`, (group) => {
    let board: DeskBoard;
    let nodes: readonly string[];
    let known: BoardFacts | null = null;

    group.setup(async () => {
      board = await deskBoard(name, { name: `application-${name}`, applications: true });
      nodes = await board.with(visibleNodes);
      return () => board.stop();
    });
    group.each.timeout(EACH_MS);

    const run = (program: Program, kept: readonly Kind[], task = TASK, more = {}) =>
      board.with((session) =>
        runProgram(session, program, task, { without: without(nodes, kept), ...more }),
      );

    /** What the board's own cells say, measured once. */
    const measured = async (): Promise<BoardFacts> => {
      if (known !== null) return known;
      const { folder, remove } = scratch();
      try {
        const lab = ['--lab', board.labFile(folder)];
        const cells = CELLS.flatMap((cell) => ['--cell', cell]);
        const { code, stdout, stderr } = await cli(['run', 'desk', ...lab, ...cells], folder);
        const facts = loadRun(onlyRun(folder)).boards[0]?.facts ?? null;
        if (code !== 0 || facts === null) throw new Error(`${stdout}\n${stderr}`);
        known = facts;
        return facts;
      } finally {
        remove();
      }
    };

    /** Fails when a program allocates from elsewhere than its policy says. */
    const judgeProvider = async (
      facts: ApplicationFacts,
      program: Program,
      kept: readonly Kind[],
    ): Promise<Verdict> => {
      const predicted = predictedVerdict(program, TASK, await measured(), without(nodes, kept));
      if (facts.provider === predicted.provider) return predicted;
      const why = predicted.steps.map(({ provider, what, why }) => `${provider}, ${what}: ${why}`);
      throw new Error(
        [
          `${facts.program} ${facts.version} allocates from ${facts.provider}, and its policy ${facts.policy} says ${predicted.provider}:`,
          ...why,
          ...facts.evidence,
        ].join('\n'),
      );
    };

    /** Fails when the policy, or the cells of what a program allocated from, say otherwise than it. */
    const judge = async (facts: ApplicationFacts, program: Program, kept: readonly Kind[]) => {
      const { verdict } = await judgeProvider(facts, program, kept);
      const { records } = await measured();
      const prediction = predict(records, program.suite, facts.provider ?? '', FRAME);
      const { contradictions, lucky, unanswered } = compare(facts, prediction);
      say(name, facts, lucky);
      const told = { accepted: 'holds', refused: 'breaks', unknown: 'unknown' }[prediction.answer];
      if (verdict !== told) contradictions.push(`the verdict is ${verdict}, the cells say ${told}`);
      if (contradictions.length === 0) return { prediction, lucky, unanswered };
      const proof = [...contradictions, ...prediction.proof, ...facts.evidence];
      throw new Error(`${facts.program} contradicts the cells of this board:\n${proof.join('\n')}`);
    };

    // udmabuf first: pages of a board that has just booted lie side by side most often.
    for (const [kind, provider] of [
      ['udmabuf', 'udmabuf'],
      ['system', 'heap:system'],
      ['cma', 'heap:reserved'],
    ] as const) {
      test(`cam -D with nothing but ${kind} is taken by the display as its cells say`, async ({
        assert,
      }) => {
        const facts = await run(cam, [kind]);
        assert.equal(facts.provider, provider);
        assert.equal(facts.exitCode, 0);
        const { prediction, lucky } = await judge(facts, cam, [kind]);
        const refuses = contiguousOnly && kind !== 'cma';
        assert.equal(prediction.answer, refuses ? 'refused' : 'accepted');
        const accepted = facts.buffers.filter(({ answer }) => answer === 'accepted').length;
        assert.equal(accepted, refuses ? lucky.length : facts.buffers.length);
        assert.equal(facts.shown > 0, accepted > 0, 'what was accepted was shown');
      });
    }

    test('kmssink offers the dumb buffers of the display, and no udmabuf', async ({ assert }) => {
      const facts = await run(kmssink, KINDS);
      assert.equal(facts.provider, `dumb:${DISPLAY}`);
      await judge(facts, kmssink, KINDS);
      assert.isAbove(facts.shown, 1);
    });

    if (!contiguousOnly) return;

    for (const kept of SETS) {
      const wanted = { cma: 'heap:reserved', system: 'heap:system', udmabuf: 'udmabuf' };
      const [first] = kept;
      test(`libcamera's choice among ${kept.join(', ') || 'nothing'}`, async ({ assert }) => {
        const facts = await run(cam, kept, { ...TASK, frames: 1, display: null });
        assert.equal(facts.provider, first === undefined ? null : wanted[first]);
        await judgeProvider(facts, cam, kept);
        assert.equal(facts.exitCode === 0, first !== undefined);
      });
    }

    test('waylandsink gives a compositor udmabufs, and plain memory without the node', async ({
      assert,
    }) => {
      const task: Task = { ...FRAME, frames: 3, display: null };
      await board.with((session) =>
        withCompositor(session, async ({ environment, renderer }) => {
          assert.match(renderer, /llvmpipe/);
          const facts = await run(waylandsink, KINDS, task, { environment });
          assert.equal(facts.provider, 'udmabuf');
          const { unanswered } = await judge(facts, waylandsink, KINDS);
          assert.isBelow(unanswered.length, facts.buffers.length, facts.evidence.join('\n'));
          assert.isAbove(facts.shown, 0);

          const plain = await run(waylandsink, ['cma', 'system'], task, { environment });
          say(name, plain);
          assert.equal(plain.provider, 'memory');
          const { verdict } = await judgeProvider(plain, waylandsink, ['cma', 'system']);
          assert.equal(verdict, 'degrades', 'the compositor is given a copy');
          assert.deepEqual(plain.buffers, []);
          assert.isAbove(plain.shown, 0);
        }),
      );
    });
  });
}
