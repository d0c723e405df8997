import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { contiguousDisplay, factsFixture } from '../policies/testing/facts.ts';
import { cli, scratch } from './testing/cli.ts';
import { writeRun } from './testing/written-run.ts';

const TOKEN = 'secret-token-of-the-test';
const WITH_TOKEN = { BUFMATRIX_KCIDB_TOKEN: TOKEN };

interface Request {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server on the loopback that keeps what it is sent, and answers so. */
async function server(status: number, answer: (request: Request) => string) {
  const requests: Request[] = [];
  const http = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method, url, headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(parts).toString('utf8') };
      requests.push(seen);
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {});
      response.end(answer(seen));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const close = () =>
    new Promise<void>((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${address.port}/submit`, requests, close };
}

/** A folder with one run in it. */
function oneRun() {
  const { folder, remove } = scratch();
  writeRun(
    join(folder, 'results'),
    'a',
    '2026-11-25T10:00:00.000Z',
    factsFixture(contiguousDisplay),
  );
  return { folder, run: join(folder, 'results', 'a'), remove };
}

/** Whether any file of the run holds the token. */
const tokenIn = (run: string) =>
  readdirSync(run).some((name) => readFileSync(join(run, name), 'utf8').includes(TOKEN));

test.group('submit', () => {
  test('sends what report --format kcidb shows, with the token', async ({ assert, cleanup }) => {
    const { folder, run, remove } = oneRun();
    cleanup(remove);
    const { url, requests, close } = await server(200, () => '{"status":"ok","id":"42"}');
    cleanup(close);
    const shown = await cli(['report', 'a', '--format', 'kcidb'], folder);
    const { code, stdout, stderr } = await cli(['submit', 'a', '--to', url], folder, WITH_TOKEN);
    assert.equal(code, 0, stderr);
    assert.include(stdout, `a was sent to ${new URL(url).origin}: 200 {"status":"ok","id":"42"}`);
    assert.lengthOf(requests, 1);
    const [request] = requests;
    assert.include(request, { method: 'POST', url: '/submit' });
    assert.equal(request?.headers.authorization, `Bearer ${TOKEN}`);
    assert.equal(request?.headers['content-type'], 'application/json');
    assert.equal(request?.body.trimEnd(), shown.stdout.trimEnd());
    assert.isAbove(JSON.parse(request?.body ?? '').tests.length, 10);
    assert.isFalse(existsSync(join(run, 'kcidb-unsent.json')));
    assert.isFalse(tokenIn(run));
  });

  test('keeps what an unreachable server did not get, and sends it later', async ({
    assert,
    cleanup,
  }) => {
    const { folder, run, remove } = oneRun();
    cleanup(remove);
    const gone = await server(200, () => '');
    await gone.close();
    const args = ['submit', 'a', '--origin', 'my_lab', '--to'];
    const first = await cli([...args, gone.url], folder, WITH_TOKEN);
    assert.equal(first.code, 3);
    assert.match(first.stderr, /127\.0\.0\.1:\d+ was not reached: .*ECONNREFUSED/);
    assert.include(first.stderr, 'kcidb-unsent.json');
    const kept = readFileSync(join(run, 'kcidb-unsent.json'), 'utf8');
    assert.match(JSON.parse(kept).tests[0].id, /^my_lab:a\//);
    assert.isFalse(tokenIn(run));
    const { url, requests, close } = await server(200, () => 'ok');
    cleanup(close);
    const second = await cli([...args, url], folder, WITH_TOKEN);
    assert.equal(second.code, 0, second.stderr);
    assert.equal(requests[0]?.body, kept);
    assert.isFalse(existsSync(join(run, 'kcidb-unsent.json')));
    for (const text of [first.stdout, first.stderr, second.stdout, second.stderr])
      assert.notInclude(text, TOKEN);
  });

  for (const status of [302, 401, 500])
    test(`a server that answers ${status} has not taken it, and its echo shows no token`, async ({
      assert,
      cleanup,
    }) => {
      const { folder, run, remove } = oneRun();
      cleanup(remove);
      const { url, requests, close } = await server(
        status,
        ({ headers }) => `\u001b[31mno: ${headers.authorization}`,
      );
      cleanup(close);
      const { code, stdout, stderr } = await cli(['submit', 'a', '--to', url], folder, WITH_TOKEN);
      assert.equal(code, 3);
      assert.include(stderr, `refused it: ${status} no: Bearer …`);
      assert.equal(stderr.includes('is BUFMATRIX_KCIDB_TOKEN right?'), status === 401);
      assert.lengthOf(requests, 1);
      assert.notInclude(stdout + stderr, TOKEN);
      assert.isTrue(existsSync(join(run, 'kcidb-unsent.json')));
      assert.isFalse(tokenIn(run));
    });

  test('{what} is told, with exit code 2, and nothing is sent')
    .with([
      {
        what: 'no token',
        env: { BUFMATRIX_KCIDB_TOKEN: '' },
        to: null,
        says: 'BUFMATRIX_KCIDB_TOKEN is not set',
      },
      {
        what: 'a token of two lines',
        env: { BUFMATRIX_KCIDB_TOKEN: 'a\nb' },
        to: null,
        says: 'BUFMATRIX_KCIDB_TOKEN is no token',
      },
      {
        what: 'an address without encryption',
        env: WITH_TOKEN,
        to: 'http://kcidb.example/submit',
        says: 'http://kcidb.example is not encrypted',
      },
      {
        what: 'an address with a password',
        env: WITH_TOKEN,
        to: 'https://me:hunter2@kcidb.example/submit',
        says: '--to holds a user or a password',
      },
      { what: 'no address', env: WITH_TOKEN, to: 'kcidb', says: 'write it as https://HOST/submit' },
    ])
    .run(async ({ assert, cleanup }, { env, to, says }) => {
      const { folder, run, remove } = oneRun();
      cleanup(remove);
      const { url, requests, close } = await server(200, () => 'ok');
      cleanup(close);
      const { code, stderr } = await cli(['submit', 'a', '--to', to ?? url], folder, env);
      assert.equal(code, 2);
      assert.include(stderr, says);
      assert.notInclude(stderr, 'hunter2');
      assert.lengthOf(requests, 0);
      assert.isFalse(existsSync(join(run, 'kcidb-unsent.json')));
    });

  test('a run sends nothing by itself, and names no server', async ({ assert, cleanup }) => {
    const { folder, remove } = oneRun();
    cleanup(remove);
    const { code, stderr } = await cli(['submit', 'a'], folder, WITH_TOKEN);
    assert.equal(code, 2);
    assert.include(stderr, "required option '--to <url>' not specified");
  });
});
