import { join } from 'node:path';
import { test } from '@japa/runner';
import { inventoryFixture } from '../../devices/inventory-fixture.ts';
import { Machine } from '../../devices/machine.ts';
import { factsFixture, profileFixture, takesAll } from '../../policies/testing/facts.ts';
import { kindClass } from '../../reports/environment.ts';
import { scratch } from '../testing/cli.ts';
import { writeRun } from '../testing/written-run.ts';
import { countFolder } from './gate-side.ts';
import { loadRun } from './load-run.ts';

const machine = Machine.parse({ arch: 'arm', qemuMachine: 'vexpress-a9', cpu: 'cortex-a9' });

/** It says nothing of itself that a board would not say. */
const inventory = inventoryFixture({
  identity: {
    compatible: ['arm,vexpress,v2p-ca9'],
    model: 'V2P-CA9',
    dmi: { sysVendor: null, productName: null, boardName: null },
    pci: [],
  },
});

test('a board that was reached as any other is {kind} with {what}')
  .with([
    { what: 'a machine in its profile', more: { machine }, kind: 'virtual' },
    { what: 'none', more: {}, kind: 'hardware' },
  ])
  .run(({ assert, cleanup }, { more, kind }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const profile = { ...profileFixture(), ...more };
    writeRun(
      folder,
      'a',
      '2026-11-25T10:00:00.000Z',
      factsFixture(takesAll, { inventory, profile }),
    );
    const [board] = loadRun(join(folder, 'a')).boards;
    assert.equal(board && kindClass(board), kind);
    assert.equal(board?.facts?.virtual, kind === 'virtual');
    const [[, counted] = []] = countFolder(join(folder, 'a')).boards;
    const line = counted?.environment?.board ?? '';
    assert.equal(/\(virtual\)$/.test(line), kind === 'virtual', line);
  });
