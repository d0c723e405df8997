import type { Reply } from './protocol.ts';

/** Says one thing to the host. */
export function say(reply: Reply): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

/** Passes whole lines on as they are. */
export function pass(lines: Buffer): void {
  process.stdout.write(lines);
}

/** Resolves when all that was said has left this process, or cannot any more. */
export function said(): Promise<void> {
  return new Promise((resolve) => process.stdout.write('', () => resolve()));
}
