import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { preparedTransport } from './prepared.ts';
import { type Transport, TransportError } from './session.ts';

/** A way that leads nowhere, and writes down that it was taken. */
const transportInto = (log: string): Transport => ({
  target: 'ssh://nobody@desk:22',
  open: async () => {
    appendFileSync(log, 'opened\n');
    throw new TransportError('nobody is there', true);
  },
  dispose: async () => {},
});

const write = (log: string, line: string, exit = 0) => [
  process.execPath,
  '-e',
  `fs.appendFileSync(process.argv[1], process.argv[2] + '\\n'); process.exit(${exit})`,
  log,
  line,
];

test.group('a board that is prepared', (group) => {
  let log = '';
  group.each.setup(() => {
    const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-prepared-'));
    log = join(folder, 'log');
    return () => rmSync(folder, { recursive: true, force: true });
  });
  const open = (argv: readonly string[] | null) => {
    const transport = preparedTransport(transportInto(log), argv);
    return () => transport.open(new AbortController().signal);
  };

  test('is prepared once, before it is reached, and no shell sees it', async ({ assert }) => {
    const again = open(write(log, '$(id) ; prepared'));
    await assert.rejects(again, 'nobody is there');
    await assert.rejects(again, 'nobody is there');
    assert.equal(readFileSync(log, 'utf8'), '$(id) ; prepared\nopened\nopened\n');
  });

  test('is not reached where that fails', async ({ assert }) => {
    await assert.rejects(
      open(write(log, 'tried', 7)),
      /^ssh:\/\/nobody@desk:22: its prepare program .* failed \(exit 7\)/,
    );
    assert.equal(readFileSync(log, 'utf8'), 'tried\n');
    await assert.rejects(
      open(['./no-such-program']),
      /its prepare program .\/no-such-program failed/,
    );
  });

  test('is reached at once where nothing has to be done', async ({ assert }) => {
    await assert.rejects(open(null), 'nobody is there');
    assert.isTrue(existsSync(log));
  });

  test('lets go of its program when somebody stops the run', async ({ assert }) => {
    const stopping = new AbortController();
    const transport = preparedTransport(transportInto(log), [
      process.execPath,
      '-e',
      'setInterval(() => {}, 1000)',
    ]);
    const opening = transport.open(stopping.signal);
    stopping.abort(new Error('interrupted'));
    await assert.rejects(() => opening, 'interrupted');
    assert.isFalse(existsSync(log));
  });
});
