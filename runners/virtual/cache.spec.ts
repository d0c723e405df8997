import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from '@japa/runner';
import { cached, isCached, type Question, remembered } from './cache.ts';
import { run, stoppable } from './command.ts';

const isText = (value: unknown): value is string => typeof value === 'string';

/** A cache of the test's own. */
function ownCache(cleanup: (undo: () => void) => void): string {
  const before = process.env['XDG_CACHE_HOME'];
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-cache-'));
  process.env['XDG_CACHE_HOME'] = folder;
  cleanup(() => {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
    rmSync(folder, { recursive: true });
  });
  return join(folder, 'bufmatrix');
}

/** Whether a process runs; one that has ended and that nobody has asked about (`Z`) does not. */
function lives(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test.group('a kept answer', () => {
  const question = (answer: string, more: Partial<Question<string>> = {}): Question<string> => ({
    name: 'version',
    ask: async () => answer,
    isAnswer: isText,
    ...more,
  });

  test('is not asked for again', async ({ assert, cleanup }) => {
    ownCache(cleanup);
    assert.equal(await remembered(question('1')), '1');
    assert.equal(await remembered(question('2')), '1');
  });

  test('is kept where two ask for it at once', async ({ assert, cleanup }) => {
    ownCache(cleanup);
    const both = await Promise.all([remembered(question('1')), remembered(question('1'))]);
    assert.deepEqual(both, ['1', '1']);
    assert.equal(await remembered(question('2')), '1');
  });

  test('is asked for again where it is {what}')
    .with([
      { what: 'cut', text: '"1' },
      { what: 'empty', text: '' },
      { what: 'something else', text: '{"version": 1}' },
    ])
    .run(async ({ assert, cleanup }, { text }) => {
      const cache = ownCache(cleanup);
      mkdirSync(join(cache, 'answers'), { recursive: true });
      writeFileSync(join(cache, 'answers', 'version.json'), text);
      assert.equal(await remembered(question('2')), '2');
      assert.equal(await remembered(question('3')), '2');
    });

  test('is asked for again where what it names is no longer there', async ({ assert, cleanup }) => {
    ownCache(cleanup);
    assert.equal(await remembered(question('1')), '1');
    const seen: string[] = [];
    const gone = { stillGood: (kept: string) => seen.push(kept) === 0 };
    assert.equal(await remembered(question('2', gone)), '2');
    assert.deepEqual(seen, ['1']);
    assert.equal(await remembered(question('3', { stillGood: () => true })), '2');
  });
});

test.group('a build that is stopped', () => {
  test('ends at once with its children, and leaves nothing that looks whole', async ({
    assert,
    cleanup,
  }) => {
    const cache = ownCache(cleanup);
    const stopping = new AbortController();
    const pids: number[] = [];
    const recipe = {
      kind: 'thing',
      inputs: { version: 1 },
      what: 'a thing',
      make: async (into: string) => {
        writeFileSync(join(into, 'half'), 'half');
        // A signal to the shell alone would leave its child behind.
        await run(['sh', '-c', 'sleep 300 & echo $!; echo $$; wait'], {
          onLine: (line) => {
            pids.push(Number(line));
            if (pids.length === 2) stopping.abort(new Error('interrupted'));
          },
        });
      },
    };
    const building = stoppable(stopping.signal, () => cached(recipe, () => {}));
    await assert.rejects(() => building, 'interrupted');
    assert.lengthOf(pids, 2);
    await sleep(100);
    assert.deepEqual(pids.filter(lives), []);
    assert.isFalse(isCached(recipe));
    assert.isFalse(readdirSync(join(cache, 'thing')).some((name) => !name.endsWith('.part')));

    // The next one is not held up by it, and starts afresh.
    let found = true;
    const again = {
      ...recipe,
      make: async (into: string) => {
        found = existsSync(join(into, 'half'));
      },
    };
    await cached(again, () => {});
    assert.isFalse(found);
    assert.isTrue(isCached(recipe));
  });

  test('does not wait for the lock that another has', async ({ assert, cleanup }) => {
    ownCache(cleanup);
    const recipe = { kind: 'thing', inputs: 2, what: 'a thing', make: async () => {} };
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const slow = async () => {
      begun.resolve();
      await end.promise;
    };
    const first = cached({ ...recipe, make: slow }, () => {});
    await begun.promise;
    const stopping = new AbortController();
    const second = stoppable(stopping.signal, () =>
      cached(recipe, () => stopping.abort(new Error('interrupted'))),
    );
    await assert.rejects(() => second, 'interrupted');
    end.resolve();
    assert.isTrue(existsSync(await first));
  });

  test('starts no further command', async ({ assert }) => {
    const stopping = new AbortController();
    stopping.abort(new Error('interrupted'));
    await assert.rejects(() => stoppable(stopping.signal, () => run(['true'])), 'interrupted');
  });
});
