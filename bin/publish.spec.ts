import {
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
import { contiguousDisplay, factsFixture, takesAll } from '../policies/testing/facts.ts';

import { MANIFEST } from '../reports/site/index.ts';
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
  const publish = (...args: readonly string[]) => cli(['publish', 'site', ...args], folder);
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
