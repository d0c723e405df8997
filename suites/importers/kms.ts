import {
  type BoardContext,
  type Importer,
  type Ladder,
  type SharedFrame,
  StageFailure,
} from '../board.ts';
import { contentFor } from '../content/content.ts';
import { nextNonce } from '../content/nonce.ts';
import { ATOMIC_ALLOW_MODESET, addFb2, atomicCommit, removeFb } from '../kernel/drm-atomic.ts';
import { writeFrame } from './frame-memory.ts';
import { type KmsDevice, kmsDevice } from './kms-device.ts';
import { requirePlane } from './kms-pipe.ts';
import { remember } from './kms-state.ts';
import { planeTypeOf, testCommit, toldModifier } from './kms-test-commit.ts';
import { checkFor, verifyShown } from './kms-verify.ts';

/** The importer for kms-primary and kms-overlay on that driver's primary node. */
export function kmsImporter(driver: string, context: BoardContext): Importer {
  const node = context.nodes[`card:${driver}`];
  const open = () => kmsDevice(node, driver);
  return {
    layout: (cell, ladder) => {
      if (node !== undefined) ladder.node(node);
      // No buffer can make up for a plane that is not there: said before one is asked for. A missing
      // format is left to the kernel, whose word on it comes with ADDFB2.
      ladder.stage('open', () => requirePlane(open(), planeTypeOf(cell)));
      return null;
    },
    take: (cell, frame, ladder) => {
      const device = open();
      const framebuffer = importFrame(device, frame, ladder);
      const { pipe, request } = ladder.stage('test-commit', () =>
        testCommit(device, cell, frame, framebuffer, ladder),
      );
      if (!context.limits.modeset) return;
      const check = checkFor(device, pipe, cell, frame);
      const nonce = nextNonce();
      // After the import, as exporters keep only mapped attachments in step.
      if (typeof check !== 'string') {
        const content = contentFor(cell, frame.layout, nonce);
        writeFrame(frame, ladder, (memory) => content.write(memory));
      }
      ladder.stage('commit', () => {
        if (typeof check === 'string') ladder.note(check);
        const restore = remember(device, pipe);
        atomicCommit(device.fd, ATOMIC_ALLOW_MODESET, request);
        ladder.cleanup(restore);
      });
      if (typeof check === 'string') return;
      verifyShown({ device, pipe, cell, frame, framebuffer, nonce }, check, context, ladder);
    },
  };
}

/** The rungs `prime-import` and `addfb2`, which need no DRM master. */
function importFrame(device: KmsDevice, frame: SharedFrame, ladder: Ladder): number {
  const { layout } = frame;
  const handle = ladder.stage('prime-import', () => {
    const imported = device.importHandle(frame.fd);
    ladder.cleanup(() => device.releaseHandle(imported));
    return imported;
  });
  return ladder.stage('addfb2', () => {
    const modifier = toldModifier(device, frame);
    if (modifier === null && frame.modifier !== null && frame.modifier !== 0n)
      throw new StageFailure(
        'unsupported',
        null,
        `ADDFB2 with modifiers (the frame's is 0x${frame.modifier.toString(16)})`,
      );
    ladder.note(modifier === null ? 'without modifier' : `modifier 0x${modifier.toString(16)}`);
    const { format, width, height, planes } = layout;
    const id = addFb2(device.fd, { width, height, format: format.code, handle, planes, modifier });
    ladder.cleanup(() => removeFb(device.fd, id));
    return id;
  });
}
