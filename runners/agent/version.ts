/** Put in by the bundler; from a checkout it is not there. */
declare const BUFMATRIX_VERSION: string | undefined;

/** The version of the package that the agent was built from. */
export const AGENT_VERSION: string =
  typeof BUFMATRIX_VERSION === 'string' ? BUFMATRIX_VERSION : '0.0.0-checkout';
