import { test } from '@japa/runner';
import { StageFailure } from '../board.ts';
import { functionAt, functions, library } from './library.ts';

test.group('shared libraries', () => {
  test('one that the board has not is a missing capability, by its name', ({ assert }) => {
    try {
      library('libbufmatrix-none.so.9');
      assert.fail('it was loaded');
    } catch (error) {
      if (!(error instanceof StageFailure)) throw error;
      assert.equal(error.kind, 'unsupported');
      assert.include(error.message, 'libbufmatrix-none.so.9');
    }
  });

  test('functions are bound by declaration, and by an address that C gave', ({ assert }) => {
    const libc = library('libc.so.6');
    const { abs } = functions(libc, { abs: 'int abs(int)' });
    assert.equal(abs(-7), 7);
    const { dlsym } = functions(libc, { dlsym: 'uintptr_t dlsym(uintptr_t, const char *)' });
    assert.equal(functionAt(dlsym(0, 'abs'), 'int', ['int'])(-9), 9);
  });
});
