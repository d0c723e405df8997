import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { refusal } from '../../devices/testing/refusal.ts';
import { experimentsFile, recordsFile, runFile } from './run-files.ts';
import {
  folderOfContent,
  refuseChanged,
  seal,
  sealFile,
  sealOf,
  unseal,
  watchSeal,
} from './seal.ts';

test.group('the sums of a run', (group) => {
  let out = '';
  let folder = '';
  group.each.setup(() => {
    out = mkdtempSync(join(tmpdir(), 'bufmatrix-seal-'));
    folder = made('one');
    return () => rmSync(out, { recursive: true, force: true });
  });
  /** A run's files, whose content is of no interest here. */
  function made(name: string, records = '{"a":1}\n'): string {
    const path = join(out, name);
    mkdirSync(path);
    writeFileSync(runFile(path), `{"id":"${name}"}\n`);
    writeFileSync(recordsFile(path), records);
    return path;
  }

  test('are those of sha256sum, which checks them', ({ assert }) => {
    writeFileSync(experimentsFile(folder), 'x'.repeat(3 << 20));
    seal(folder);
    const files = ['run.json', 'records.ndjson', 'experiments.ndjson'];
    const theirs = execFileSync('sha256sum', ['--', ...files], { cwd: folder, encoding: 'utf8' });
    assert.equal(readFileSync(sealFile(folder), 'utf8'), theirs);
    execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder });
    const [digest] = execFileSync('sha256sum', ['SHA256SUMS'], {
      cwd: folder,
      encoding: 'utf8',
    }).split(' ');
    assert.deepEqual(sealOf(folder), { content: `sha256:${digest}`, changed: [] });
  });

  test('are missing of a run that has not ended, and say nothing of it', ({ assert }) => {
    assert.deepEqual(sealOf(folder), { content: null, changed: [] });
    refuseChanged(folder, sealOf(folder).changed);
  });

  test('tell of each file that is not what the run has left', ({ assert }) => {
    const changes: Record<string, () => void> = {
      'run.json': () => appendFileSync(runFile(folder), ' '),
      'records.ndjson': () => writeFileSync(recordsFile(folder), '{"a":2}\n'),
      'experiments.ndjson': () => writeFileSync(experimentsFile(folder), '{}\n'),
      SHA256SUMS: () => appendFileSync(sealFile(folder), 'something else\n'),
      // As git makes it, where it is told to.
      'SHA256SUMS ': () =>
        writeFileSync(
          sealFile(folder),
          readFileSync(sealFile(folder), 'utf8').replace(/\n/g, '\r\n'),
        ),
    };
    for (const [name, change] of Object.entries(changes)) {
      rmSync(folder, { recursive: true });
      made('one');
      seal(folder);
      change();
      assert.deepEqual(sealOf(folder).changed, [name.trim()]);
      const { code, message } = refusal(() => refuseChanged(folder, sealOf(folder).changed));
      assert.equal(code, 'run-changed');
      assert.include(message, `${name.trim()} is not what the run has left`);
    }
    seal(folder);
    rmSync(recordsFile(folder));
    assert.deepEqual(sealOf(folder).changed, ['records.ndjson']);
  });

  test('are taken away before a run is gone on with', ({ assert }) => {
    seal(folder);
    unseal(folder);
    assert.isNull(sealOf(folder).content);
    unseal(folder);
  });

  test('say nothing of a run that was written to while it was read', ({ assert }) => {
    const ended = watchSeal(folder);
    seal(folder);
    assert.deepEqual(ended(), { content: null, changed: [] });
    const goneOn = watchSeal(folder);
    unseal(folder);
    appendFileSync(recordsFile(folder), '{"a":3}\n');
    assert.deepEqual(goneOn(), { content: null, changed: [] });
    seal(folder);
    assert.isNotNull(watchSeal(folder)().content);
  });

  test('name a run, wherever it was copied to, by as many digits as tell it from others', ({
    assert,
  }) => {
    seal(folder);
    const { content } = sealOf(folder);
    cpSync(folder, join(out, 'two'), { recursive: true });
    made('three');
    seal(made('four', '{"a":4}\n'));
    const name = content ?? '';
    assert.equal(folderOfContent(name, out), folder);
    assert.equal(folderOfContent(name.slice(0, 15), out), folder);
    for (const other of ['one', 'sha256:', name.slice(0, 14), name.toUpperCase(), `${name}0`])
      assert.isNull(folderOfContent(other, out));
    // A copy that was changed does not hide the one that is whole.
    cpSync(folder, join(out, 'a-copy'), { recursive: true });
    appendFileSync(recordsFile(join(out, 'a-copy')), '{"a":5}\n');
    // Nor is anything else in the way.
    mkdirSync(sealFile(join(out, 'odd')), { recursive: true });
    writeFileSync(join(out, 'file'), '');
    assert.equal(folderOfContent(name, out), folder);
    const none = refusal(() => folderOfContent(`sha256:${'0'.repeat(12)}`, out));
    assert.include(none.message, 'no run in');
    assert.equal(refusal(() => folderOfContent(name, join(out, 'nowhere'))).code, 'no-run');
  });
});
