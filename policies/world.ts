import type { Provider } from './provider.ts';
import type { Consumer } from './use-case.ts';

/** What is known of one step: may it be opened, allocated, taken? */
export interface Answer {
  /**
   * yes; no (a clean refusal, which a program sees); sometimes (luck, or attempts that differ);
   * wrong (accepted, but the data is not what it must be: no program sees it); fatal (the process or
   * the board dies of it); unknown (not measured).
   */
  readonly kind: 'yes' | 'no' | 'sometimes' | 'wrong' | 'fatal' | 'unknown';
  /** In words, led by nothing: `refused at prime-import with EINVAL`. */
  readonly why: string;
  /** Ids of the cells that say so. Empty where it is the board's environment that says it. */
  readonly proof: readonly string[];
  /** Ids of the cells that would tell. Only of `unknown`; empty where no cell can. */
  readonly missing?: readonly string[];
}

/** A frame that is to be shared, and how many of them. */
export interface Frame {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly modifier: 'linear' | 'driver';
  /** Of the memfd behind a udmabuf. */
  readonly seals: readonly string[];
}

/**
 * What a board says to a policy's questions. The walk through a policy (walk.ts) knows nothing of a
 * board but this, so it can be held against small worlds that are made up.
 */
export interface World {
  /** The backend that a provider comes to on this board (`dumb:vc4`); null where it has no such device. */
  backendOf(provider: Provider): string | null;
  /** Whether the board has any DRM device. */
  readonly hasDrm: boolean;
  /** Whether the node is there: `no` where it is not. */
  present(provider: Provider): Answer;
  /** Whether the user may open it. Asked only where it is present. */
  opens(provider: Provider): Answer;
  /** Whether that many frames can be had. @param held KiB of CMA that the program holds already. */
  allocates(provider: Provider, frame: Frame, held: number): Answer;
  takes(provider: Provider, consumer: Consumer, frame: Frame): Answer;
}
