import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { Ajv } from 'ajv';
import { contiguousDisplay, factsFixture, takesAll } from '../policies/testing/facts.ts';

import { MANIFEST } from '../reports/site/index.ts';
import { packageRoot } from './cli/version.ts';
import { cli, scratch } from './testing/cli.ts';
import { writeRun } from './testing/written-run.ts';

const OLD = new Date('2020-01-01T00:00:00Z');

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

test.group('publish', (group) => {
  let folder = '';
  let site = '';
  group.each.setup(() => {
    const made = scratch();
    folder = made.folder;
    site = join(folder, 'site');
    const facts = factsFixture(contiguousDisplay);
    writeRun(join(folder, 'results'), 'first', '2026-11-25T10:00:00.000Z', facts);
    return made.remove;
  });
  // Not the user's own, where what is kept of these folders would stay.
  const cache = scratch();
  group.teardown(cache.remove);
  const start = (args: readonly string[]) => cli(args, folder, { XDG_CACHE_HOME: cache.folder });
  const publish = (...args: readonly string[]) => start(['publish', 'site', ...args]);
  const second = () =>
    writeRun(join(folder, 'results'), 'second', '2026-11-26T10:00:00.000Z', factsFixture(takesAll));

  test('writes the site of all runs, policies among it', async ({ assert }) => {
    second();
    const { code, stdout, stderr } = await publish();
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.match(stdout, /^site\/index\.html: \d+ files written, 0 unchanged$/);
    const index = readFileSync(join(site, 'index.html'), 'utf8');
    assert.include(index, 'policies.html');
    const policies = readFileSync(join(site, 'policies.html'), 'utf8');
    assert.include(policies, 'libcamera-udmabuf-first');
    assert.include(policies, 'class="s-corrupt" title="BREAKS"');
    const listed: unknown = JSON.parse(readFileSync(join(site, MANIFEST), 'utf8'));
    const text = JSON.stringify(listed);
    for (const path of filesOf(site).map((path) => path.slice(site.length + 1)))
      if (path !== MANIFEST) assert.include(text, JSON.stringify(path));
  });

  test('a second publish of the same rewrites nothing', async ({ assert }) => {
    await publish();
    for (const path of filesOf(site)) utimesSync(path, OLD, OLD);
    const { stdout } = await publish();
    assert.match(stdout, /: 0 files written, \d+ unchanged$/);
    for (const path of filesOf(site)) assert.equal(statSync(path).mtimeMs, OLD.getTime(), path);
  });

  test('another run leaves the pages of the first alone', async ({ assert }) => {
    await publish();
    const frozen = filesOf(join(site, 'boards')).filter((path) => /[0-9a-f]{16}\.\w+$/.test(path));
    assert.lengthOf(frozen, 3);
    for (const path of frozen) utimesSync(path, OLD, OLD);
    second();
    await publish();
    for (const path of frozen) assert.equal(statSync(path).mtimeMs, OLD.getTime(), path);
    assert.isAbove(filesOf(join(site, 'boards')).length, frozen.length + 5);
  });

  test('pages of runs that are not published any more stay', async ({ assert }) => {
    second();
    await publish();
    const before = filesOf(site);
    await publish('second');
    assert.deepEqual(filesOf(site), before);
  });

  test("somebody else's file in the way is refused, and nothing at all is written", async ({
    assert,
  }) => {
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), 'mine');
    writeFileSync(join(site, 'notes.txt'), 'mine as well');
    const { code, stderr } = await publish();
    assert.equal(code, 2);
    assert.match(stderr, /site holds what publish has not written .*: index\.html\. Next: name/);
    assert.deepEqual(readdirSync(site).sort(), ['index.html', 'notes.txt']);
    assert.equal(readFileSync(join(site, 'index.html'), 'utf8'), 'mine');
    rmSync(join(site, 'index.html'));
    assert.equal((await publish()).code, 0);
    assert.equal(readFileSync(join(site, 'notes.txt'), 'utf8'), 'mine as well');
  });

  test('a file in the place of a folder is in the way as well', async ({ assert }) => {
    mkdirSync(site);
    for (const name of ['boards', 'assets']) {
      writeFileSync(join(site, name), 'mine');
      const { code, stderr } = await publish();
      assert.equal(code, 2, stderr);
      assert.match(stderr, new RegExp(`publish has not written .*: ${name}/`));
      assert.deepEqual(readdirSync(site), [name]);
      rmSync(join(site, name));
    }
  });

  test('a link in the way is never followed', async ({ assert }) => {
    mkdirSync(site);
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(site, 'boards'));
    const { code, stderr } = await publish();
    assert.equal(code, 2);
    assert.include(stderr, 'boards/');
    assert.deepEqual(readdirSync(join(folder, 'elsewhere')), []);
    rmSync(join(site, 'boards'));
    await publish();
    const index = join(site, 'index.html');
    rmSync(index);
    symlinkSync(join(folder, 'target'), index);
    writeFileSync(join(folder, 'target'), 'mine');
    assert.equal((await publish()).code, 2);
    assert.equal(readFileSync(join(folder, 'target'), 'utf8'), 'mine');
  });

  test('its own files that were cut or lost are written again', async ({ assert }) => {
    await publish();
    writeFileSync(join(site, 'index.html'), 'half');
    rmSync(join(site, 'index.json'));
    const { code, stdout } = await publish();
    assert.equal(code, 0);
    assert.match(stdout, /: 2 files written/);
    assert.include(readFileSync(join(site, 'index.html'), 'utf8'), '</html>');
  });

  test('a file that was changed by hand is written again, however it is dated', async ({
    assert,
  }) => {
    await publish();
    const [page = ''] = filesOf(join(site, 'boards')).filter((path) =>
      /[0-9a-f]{16}\.html$/.test(path),
    );
    const before = readFileSync(page, 'utf8');
    const { atime, mtime } = statSync(page);
    writeFileSync(page, before.replace('bufmatrix', 'BUFMATRIX'));
    utimesSync(page, atime, mtime);
    assert.match((await publish()).stdout, /: 1 files written/);
    assert.equal(readFileSync(page, 'utf8'), before);
  });

  test('a lost or damaged cache costs time alone', async ({ assert }) => {
    await publish();
    const kept = filesOf(join(cache.folder, 'bufmatrix', 'publish'));
    assert.isAbove(kept.length, 2);
    const damages = [
      () => '',
      (text: string) => text.slice(0, text.length / 2),
      // Another board's name, in a file that is whole otherwise.
      (text: string) => text.replaceAll('desk', 'disk'),
    ];
    for (const damage of damages) {
      for (const path of kept) writeFileSync(path, damage(readFileSync(path, 'utf8')));
      const { code, stdout, stderr } = await publish();
      assert.match(stdout, /: 0 files written/);
      assert.deepEqual([code, stderr], [0, '']);
    }
    rmSync(join(cache.folder, 'bufmatrix', 'publish'), { recursive: true });
    assert.match((await publish()).stdout, /: 0 files written/);
  });

  test('a run that cannot be read ends it, and names the line', async ({ assert }) => {
    await publish();
    const records = join(folder, 'results', 'first', 'records.ndjson');
    appendFileSync(records, '{"schema":1}\n');
    const { code, stderr } = await publish();
    assert.equal(code, 2);
    assert.match(stderr, /records\.ndjson:\d+:1 /);
  });

  test('policies of a folder, for a stated user', async ({ assert }) => {
    const own = join(folder, 'own');
    mkdirSync(own);
    const shipped = readFileSync(join(packageRoot, 'policies', 'weston.yaml'), 'utf8');
    writeFileSync(join(own, 'mine.yaml'), shipped.replace(/^name: .*/m, 'name: mine'));
    await publish('--policies', 'own', '--user', '1000:video');
    const policies = readFileSync(join(site, 'policies.html'), 'utf8');
    assert.include(policies, '>mine</th>');
    assert.include(policies, 'for uid 1000 (video).');
    // Without them it is another site again, cache or not.
    await publish();
    assert.notInclude(readFileSync(join(site, 'policies.html'), 'utf8'), '>mine</th>');
  });

  test("a lab's boards that nobody has run are shown by what their profiles claim", async ({
    assert,
  }) => {
    const board = 'boards:\n  pi:\n    profile: rpi4\n    access: local\n';
    writeFileSync(join(folder, 'lab.yaml'), board);
    // Only where it is asked for.
    await publish();
    assert.isFalse(existsSync(join(site, 'claims')));
    assert.equal((await publish('--lab', 'lab.yaml')).code, 0);
    const page = readFileSync(join(site, 'claims', 'rpi4', 'index.html'), 'utf8');
    assert.include(page, 'claimed, not measured');
  });

  test('the list of files is as its published schema says', async ({ assert }) => {
    await publish();
    const schema = join(packageRoot, 'devices', 'schema', 'site-files.schema.json');
    const validate = new Ajv().compile(JSON.parse(readFileSync(schema, 'utf8')));
    assert.isTrue(validate(JSON.parse(readFileSync(join(site, MANIFEST), 'utf8'))));
    assert.isFalse(validate({ schema: 1 }));
  });

  test('a list of files that is none is refused, and so is a folder without runs', async ({
    assert,
  }) => {
    mkdirSync(site);
    writeFileSync(join(site, MANIFEST), '{}');
    const refused = await publish();
    assert.equal(refused.code, 2);
    assert.include(refused.stderr, MANIFEST);
    assert.deepEqual(readdirSync(site), [MANIFEST]);
    const none = await publish('--out', 'nowhere');
    assert.equal(none.code, 2);
    assert.include(none.stderr, 'nowhere holds no run');
  });

  test('claims have a page of their own, and verdicts in parentheses', async ({ assert }) => {
    const { code } = await publish('--claims', 'rpi4');
    assert.equal(code, 0);
    const page = readFileSync(join(site, 'claims', 'rpi4', 'index.html'), 'utf8');
    assert.include(page, 'claimed, not measured');
    const policies = readFileSync(join(site, 'policies.html'), 'utf8');
    assert.match(policies, /class="s-claimed" title="claimed, not measured: \w+">\(.\)/);
  });
});
