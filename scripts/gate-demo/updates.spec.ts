import { test } from '@japa/runner';
import { updatesOf } from './updates.ts';

test.group('updates that show a change', () => {
  test('go from the newest series without it to the newest', ({ assert }) => {
    assert.deepEqual(updatesOf('kernel', ['6.12', '7.3']), [
      { part: 'kernel', before: '6.12', after: '7.3' },
    ]);
    assert.deepEqual(updatesOf('mesa', ['26.1', '25.0', '25.0']), [
      { part: 'mesa', before: '25.0', after: '26.1' },
    ]);
  });

  test('are several where the suites have more, the most likely first', ({ assert }) => {
    const befores = updatesOf('kernel', ['6.1', '7.10', '6.12', '7.3', '6.9']).map(
      ({ before, after }) => `${before} ${after}`,
    );
    assert.deepEqual(befores, ['6.12 7.10', '6.9 7.10', '6.1 7.10']);
  });

  test('are none where the suites have moved on, or have not come there', ({ assert }) => {
    assert.deepEqual(updatesOf('kernel', ['7.3', '7.10']), []);
    assert.deepEqual(updatesOf('kernel', ['6.1', '6.12']), []);
    assert.deepEqual(updatesOf('mesa', []), []);
  });
});
