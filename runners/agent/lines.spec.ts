import { test } from '@japa/runner';
import { Lines } from './lines.ts';

test('lines come whole, however the stream is cut', ({ assert }) => {
  const text = 'one\ntwo, longer\n\nfour: \u00fc\n';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const lines = new Lines();
    let seen = '';
    for (let at = 0; at < bytes.length; at += size) {
      const whole = lines.push(bytes.subarray(at, at + size)).toString();
      assert.isTrue(whole === '' || whole.endsWith('\n'), `cut at ${size}`);
      seen += whole;
    }
    assert.equal(seen, text);
  }
});

test('what has no newline yet is kept back', ({ assert }) => {
  const lines = new Lines();
  assert.equal(lines.push(Buffer.from('a\nb')).toString(), 'a\n');
  assert.equal(lines.push(Buffer.from('c')).toString(), '');
  assert.equal(lines.push(Buffer.from('\nd')).toString(), 'bc\n');
});
