import { test } from '@japa/runner';
import { parseRecord } from './kernel-log.ts';

test('a record of the kernel is shown as dmesg shows it', ({ assert }) => {
  const line = parseRecord(
    '3,1042,2345678,-;contiguous chunk is too small 57344/1228800\n SUBSYSTEM=video4linux\n',
  );
  assert.deepEqual(line, {
    seq: 1042,
    text: '[    2.345678] contiguous chunk is too small 57344/1228800',
  });
});

test('what user space wrote is left out: {what}')
  .with([
    {
      what: 'our marker',
      record: '15,9,100,-;bufmatrix: allocate/udmabuf/-/XR24/640x480/0x0 attempt 1\n',
    },
    { what: 'a daemon', record: '30,10,100,-;systemd[1]: Started something.\n' },
    { what: 'no record', record: 'no record at all' },
  ])
  .run(({ assert }, { record }) => {
    assert.isNull(parseRecord(record));
  });

test('escaped bytes are given back', ({ assert }) => {
  assert.equal(parseRecord('6,1,0,c;tab\\x09end\n')?.text, '[    0.000000] tab\tend');
});
