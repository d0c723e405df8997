#!/usr/bin/env node
// Plain old JavaScript on purpose: an old Node must be able to read this far and be told so. Node 12,
// which Ubuntu 22.04 has, takes no `await` here.
/* global process */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';

var parts = process.versions.node.split('.').map(Number);
if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 18)) {
  process.stderr.write(
    'bufmatrix needs Node 22.18 or newer; this is ' +
      process.version +
      '. Next: npm install --prefix ~/.cache/bufmatrix-node node-linux-' +
      process.arch +
      '@24, and put ~/.cache/bufmatrix-node/node_modules/.bin first in PATH.\n',
  );
  process.exit(2);
}
// What was compiled once, types stripped, is kept: the next start takes half as long. Where it cannot
// be kept, Node goes on without.
var xdg = process.env.XDG_CACHE_HOME || '';
var cache = xdg[0] === '/' ? xdg : `${homedir()}/.cache`;
module.enableCompileCache(`${cache}/bufmatrix/compiled`);
// A checkout runs from its sources; the packed package ships bundled JavaScript, since Node strips
// no types below node_modules.
var source = new URL('./cli/main.ts', import.meta.url);
import(existsSync(source) ? source.href : '../dist/cli.js').catch((error) => {
  process.stderr.write(`bufmatrix: ${error.stack || error}\n`);
  process.exitCode = 3;
});
