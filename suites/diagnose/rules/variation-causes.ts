import type { Variation } from '../../variation.ts';

/** What is wrong with a frame that passes in the varied layout. */
export const VARIATION_CAUSES = {
  'tight-stride': 'stride',
  'stride-64': 'stride',
  'stride-256': 'stride',
  'page-offsets': 'offset',
  padded: 'padding',
} as const satisfies Readonly<Record<Variation, string>>;
