import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { Ajv } from 'ajv';
import { z } from 'zod';
import { checkPolicies } from '../../policies/check.ts';
import { loadLibrary } from '../../policies/load.ts';
import {
  contiguousDisplay,
  factsFixture,
  type Say,
  takesAll,
} from '../../policies/testing/facts.ts';
import { Verdict } from '../../policies/verdict.ts';
import { MANIFEST, SiteManifest, siteFiles } from '../../reports/site/index.ts';
import { SitePolicies } from '../../reports/site/policies-json.ts';
import { recordsFile, runFile } from '../../runners/host/run-files.ts';
import { Run } from '../../suites/run.ts';
import { profilesNamed } from '../cli/claims.ts';
import { loadRun } from '../cli/load-run.ts';
import { historiesOf } from '../cli/systems.ts';
import { packageRoot } from '../cli/version.ts';
import { scratch } from '../testing/cli.ts';
import { writeRun } from '../testing/written-run.ts';
import { publish } from './index.ts';
import { lockSite } from './site-lock.ts';

const library = loadLibrary([join(packageRoot, 'policies')]);

test.group('publishing board by board', (group) => {
  let folder = '';
  let out = '';
  group.each.setup(() => {
    const before = process.env['XDG_CACHE_HOME'];
    const made = scratch();
    folder = made.folder;
    out = join(folder, 'results');
    cacheIn('cache');
    write('one-old', 'one', 5, contiguousDisplay);
    write('one-new', 'one', 6, takesAll);
    write('two', 'two', 5, contiguousDisplay);
    return () => {
      if (before === undefined) delete process.env['XDG_CACHE_HOME'];
      else process.env['XDG_CACHE_HOME'] = before;
      made.remove();
    };
  });

  function cacheIn(name: string): void {
    process.env['XDG_CACHE_HOME'] = join(folder, name);
  }
  function write(id: string, board: string, day: number, say: Say): void {
    writeRun(out, id, `2026-11-0${day}T10:00:00.000Z`, factsFixture(say, { board }));
  }
  const RUNS = ['one-old', 'one-new', 'two'];

  /** Publishes, and says which boards had to be made. */
  async function made(site: string, runs: readonly string[], claims: string[] = [], threads = 1) {
    const boards: string[] = [];
    await publish(
      join(folder, site),
      runs.map((id) => join(out, id)),
      profilesNamed(claims),
      { out, user: null, library },
      (works) => {
        boards.push(...works.map(({ board }) => board));
        return threads;
      },
    );
    return boards.sort();
  }

  /** Its files by path, but for those of earlier publishes. */
  function filesOf(site: string): Map<string, string> {
    const path = (name: string) => join(folder, site, name);
    const { files } = SiteManifest.parse(JSON.parse(readFileSync(path(MANIFEST), 'utf8')));
    return new Map(Object.keys(files).map((name) => [name, readFileSync(path(name), 'utf8')]));
  }

  test('two never write into one site at once, and where nothing can be kept nobody waits', async ({
    assert,
  }) => {
    const lock = join(folder, 'cache', 'lock');
    const release = lockSite(lock, 'site');
    assert.throws(() => lockSite(lock, 'site'), /^site: another publish is writing into this site/);
    release();
    lockSite(lock, 'site')();
    lockSite('/dev/null/lock', 'site')();

    const both = [made('site', RUNS), made('site', RUNS)];
    const ended = await Promise.allSettled(both);
    assert.deepEqual(ended.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.deepEqual(await made('site', RUNS), []);
  });

  test('only boards are made whose runs changed, or whose files did', async ({ assert }) => {
    assert.deepEqual(await made('site', RUNS), ['one', 'two']);
    assert.deepEqual(await made('site', RUNS), []);
    write('two', 'two', 5, takesAll);
    assert.deepEqual(await made('site', RUNS), ['two']);
    writeFileSync(join(folder, 'site', 'boards', 'one', 'history.js'), 'mine');
    assert.deepEqual(await made('site', RUNS), ['one']);
    assert.deepEqual(await made('site', RUNS), []);
  });

  test('files are the same with and without what was kept, in threads and out of them', async ({
    assert,
  }) => {
    // Step by step, so that much of it rests on what was kept.
    await made('site', ['one-old', 'two']);
    await made('site', RUNS);
    await made('site', RUNS);
    const kept = filesOf('site');
    cacheIn('another');
    await made('fresh', RUNS);
    cacheIn('a third');
    await made('threads', RUNS, [], 2);
    const fresh = filesOf('fresh');
    assert.isAbove(fresh.size, 20);
    for (const [path, text] of fresh) assert.equal(kept.get(path), text, path);
    assert.deepEqual([...filesOf('threads')], [...fresh]);
  });

  test('policies.json is as its published schema says, and short: proofs lie with each board', async ({
    assert,
  }) => {
    write('half', 'three', 5, (cell) => (cell.suite === 'cpu' ? null : takesAll(cell)));
    await made('site', [...RUNS, 'half']);
    const files = filesOf('site');
    const json = (path: string) => JSON.parse(files.get(path) ?? `no ${path}`);
    const short = json('policies.json');
    const schema = readFileSync(
      join(packageRoot, 'devices', 'schema', 'site-policies.schema.json'),
      'utf8',
    );
    const validate = new Ajv({ allErrors: true }).compile(JSON.parse(schema));
    assert.isTrue(validate(short), JSON.stringify(validate.errors));
    const boards = SitePolicies.parse(short).boards;
    assert.deepEqual(
      boards.map(({ board }) => board),
      ['one', 'three', 'two'],
    );
    const commands: string[] = [];
    for (const board of boards) {
      const verdicts = z.array(Verdict).parse(json(board.json));
      assert.isAbove(verdicts.length, 100);
      for (const one of verdicts) {
        const said = board.verdicts[one.policy]?.[one.useCase];
        assert.equal(said, one.applies ? one.verdict : null);
        commands.push(...one.missing.flatMap(({ command }) => command ?? []));
      }
      assert.include(files.get('policies.html') ?? '', `href="${board.json}"`);
    }
    assert.isNotEmpty(commands);
    // The folder of the runs is of whoever published them.
    for (const command of commands) assert.notInclude(command, '--out');
  });

  test('they are those of all runs together', async ({ assert }) => {
    await made('site', RUNS);
    const runs = RUNS.flatMap((id) => loadRun(join(out, id)).boards);
    const histories = historiesOf(runs);
    const verdicts = checkPolicies(histories, library.policies, library.useCases, null);
    const whole = siteFiles({ runs, verdicts });
    assert.deepEqual(
      [...filesOf('site')],
      [...whole].sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  });

  test('of a run of several boards each takes its own records', async ({ assert }) => {
    const [a, b] = ['one-old', 'two'].map((id) =>
      Run.parse(JSON.parse(readFileSync(runFile(join(out, id)), 'utf8'))),
    );
    const lines = ['one-old', 'two'].map((id) => readFileSync(recordsFile(join(out, id)), 'utf8'));
    write('both', 'one', 7, takesAll);
    const both = { ...a, id: 'both', boards: [a, b].flatMap((run) => run?.boards ?? []) };
    writeFileSync(runFile(join(out, 'both')), JSON.stringify(both));
    writeFileSync(recordsFile(join(out, 'both')), lines.join(''));
    await made('site', ['both']);
    const runs = loadRun(join(out, 'both')).boards;
    assert.lengthOf(runs, 2);
    const files = filesOf('site');
    for (const [path, text] of siteFiles({ runs, verdicts: [] }))
      if (path.startsWith('boards/')) assert.equal(files.get(path), text, path);
    // A line that is no board's is not passed over.
    writeFileSync(
      recordsFile(join(out, 'both')),
      `${lines.join('')}{"schema":1,"board":"three"}\n`,
    );
    await assert.rejects(() => made('site', ['both']), /records\.ndjson/);
  });

  test('a broken run is told of as it is, by a thread as well', async ({ assert }) => {
    writeFileSync(recordsFile(join(out, 'two')), '{"schema":1}\n');
    for (const threads of [1, 2])
      await assert.rejects(() => made('site', RUNS, [], threads), /records\.ndjson:1:1 .*Next: /);
  });

  test('claims are made anew when the board that stands in for theirs is run again', async ({
    assert,
  }) => {
    const [pi] = profilesNamed(['rpi4']);
    const profile = { ...factsFixture(takesAll).profile, name: pi?.standIn?.profile ?? '' };
    const facts = factsFixture(contiguousDisplay, { board: 'stand-in', profile });
    writeRun(out, 'stand-in', '2026-11-05T10:00:00.000Z', facts);
    const runs = [...RUNS, 'stand-in'];
    assert.include(await made('site', runs, ['rpi4']), 'rpi4');
    assert.deepEqual(await made('site', runs, ['rpi4']), []);
    const before = filesOf('site').get('claims/rpi4/index.json');
    assert.include(before, '"stand-in"');
    writeRun(out, 'stand-in', '2026-11-06T10:00:00.000Z', { ...facts, records: [] });
    assert.deepEqual(await made('site', runs, ['rpi4']), ['rpi4', 'stand-in']);
  });
});
