import { test } from '@japa/runner';
import { masterAmong } from './drm-master.ts';

// The heading and the first line are as Linux 6.12 printed them for one opener of card0; the others
// vary its columns: a command with a blank, one that is not master, one of a render node.
const CLIENTS = `             command  tgid dev master a   uid      magic
          MainThread   251   0   y    y     0          0
          sd display   812   1   y    y     0          0
              weston   951   0   n    y  1000          3
             glmark2   960 128   n    n  1000          0
`;

test('the master of a node is told by debugfs', ({ assert }) => {
  assert.equal(masterAmong(CLIENTS, 0), 'MainThread (pid 251)');
  assert.equal(masterAmong(CLIENTS, 1), 'sd display (pid 812)');
  assert.isNull(masterAmong(CLIENTS, 128), 'a render node has none');
  assert.isNull(masterAmong(CLIENTS.replaceAll('   y  ', '   n  '), 0), 'nobody is');
  assert.isNull(masterAmong(CLIENTS.replace('MainThread', ' <unknown>'), 0), 'its opener is gone');
});
