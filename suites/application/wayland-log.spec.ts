import { test } from '@japa/runner';
import { readWaylandLog } from './wayland-log.ts';

/** Messages as WAYLAND_DEBUG writes them: `->` is the client's. */
const read = (...messages: string[]) =>
  readWaylandLog(messages.map((message) => `[14:58:40.000000] {Display Queue} ${message}`));

const CREATE = ' -> zwp_linux_buffer_params_v1#17.create(640, 480, 842094158, 0)';
const CREATED = 'zwp_linux_buffer_params_v1#17.created(new id wl_buffer#42)';
const DESTROY = ' -> zwp_linux_buffer_params_v1#17.destroy()';
const FRAME = ' -> wl_surface#13.frame(new id wl_callback#22)';
const ATTACH = ' -> wl_surface#13.attach(wl_buffer#42, 0, 0)';
const DONE = 'wl_callback#22.done(69246)';

test.group("a Wayland client's log", () => {
  test('an answer that comes when nobody waits for it any more is none', ({ assert }) => {
    const { buffers } = read(CREATE, DESTROY, `discarded ${CREATED}`);
    assert.deepEqual(
      buffers.map(({ answer }) => answer),
      ['none'],
    );
  });

  test('a refusal is one', ({ assert }) => {
    const { buffers } = read(CREATE, 'zwp_linux_buffer_params_v1#17.failed()', DESTROY);
    assert.deepEqual(
      buffers.map(({ answer }) => answer),
      ['refused'],
    );
  });

  test('{what}')
    .with([
      { what: 'a frame is shown when its callback comes', more: [FRAME, ATTACH, DONE], shown: 1 },
      { what: 'and not before', more: [FRAME, ATTACH], shown: 0 },
      {
        what: "another buffer's frame does not count",
        more: [FRAME, ATTACH.replace('#42', '#23'), DONE],
        shown: 0,
      },
      {
        what: 'nor one whose buffer has gone, and left its id to another',
        more: [' -> wl_buffer#42.destroy()', FRAME, ATTACH, DONE],
        shown: 0,
      },
      {
        what: 'a callback is for one frame; its id is then used for other things',
        more: [FRAME, ATTACH, DONE, ATTACH, DONE],
        shown: 1,
      },
    ])
    .run(({ assert }, { more, shown }) => {
      assert.equal(read(CREATE, CREATED, DESTROY, ...more).shown, shown);
    });
});
