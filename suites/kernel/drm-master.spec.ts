import { test } from '@japa/runner';
import { masterAmong } from './drm-master.ts';

// Printed by Linux 6.12: /sys/kernel/debug/dri/0/clients.
const CLIENTS = `             command  tgid dev master a   uid      magic
          sd display   812   0   y    y     0          0
             weston-1   951   0   n    y  1000          3
              glmark2   960 128   n    n  1000          0
`;

test('the master of a node is told by debugfs', ({ assert }) => {
  assert.equal(masterAmong(CLIENTS, 0), 'sd display (pid 812)');
  assert.isNull(masterAmong(CLIENTS, 1), 'another minor');
  assert.isNull(masterAmong(CLIENTS.replace('   y  ', '   n  '), 0), 'nobody is');
});
