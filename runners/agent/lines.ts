/** Cuts a stream of bytes into lines. Keeps what has no end yet. */
export class Lines {
  #rest: Buffer = Buffer.alloc(0);

  /** The whole lines so far, each with its newline, as one piece; empty when there is none. */
  push(chunk: Buffer): Buffer {
    const end = chunk.lastIndexOf(0x0a) + 1;
    if (end === 0) {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      return chunk.subarray(0, 0);
    }
    const whole = chunk.subarray(0, end);
    const first = this.#rest;
    this.#rest = chunk.subarray(end);
    return first.length ? Buffer.concat([first, whole]) : whole;
  }
}
