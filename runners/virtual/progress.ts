/** One sign of life from a build. */
export interface ProgressEvent {
  /** What is being done, such as `kernel 6.12.117-1 for arm: compile`. */
  readonly step: string;
  /** How many of `total` are done. `total` is an estimate. */
  readonly done?: number;
  readonly total?: number;
  /** The last line that the step's command printed. */
  readonly line?: string;
}

/** Called often (once for each line of a compiler's output), so it should be quick. */
export type Progress = (event: ProgressEvent) => void;
