import { githubWorkflow } from './github.ts';
import { gitlabJobs } from './gitlab.ts';
import type { CiLab } from './job.ts';
import { labgridEnvironment } from './labgrid.ts';
import { lavaJobs } from './lava.ts';

export const CI_NAMES = ['github', 'gitlab', 'lava', 'labgrid'] as const;
export type CiName = (typeof CI_NAMES)[number];

interface CiWriter {
  readonly write: (lab: CiLab) => string;
  /** Whether it can only describe boards that are reached over ssh. */
  readonly sshOnly: boolean;
}

/** Every CI system that a lab's jobs are written for. */
export const CI_WRITERS: Readonly<Record<CiName, CiWriter>> = {
  github: { write: githubWorkflow, sshOnly: false },
  gitlab: { write: gitlabJobs, sshOnly: false },
  lava: { write: lavaJobs, sshOnly: true },
  labgrid: { write: labgridEnvironment, sshOnly: true },
};
