import type { UnmeasuredBoard } from '../../policies/claimed.ts';
import { openLab, shippedProfiles } from './lab.ts';

/** The boards of the lab, and every profile by its own name: what can be asked about without a run. */
export function unmeasuredBoards(lab: string | undefined): UnmeasuredBoard[] {
  const boards = openLab(lab).map(({ name, profile: { profile } }) => ({
    board: name,
    profile,
    inLab: true,
  }));
  const profiles = shippedProfiles().map(({ profile }) => ({
    board: profile.name,
    profile,
    inLab: false,
  }));
  return [...boards, ...profiles.filter(({ board }) => !boards.some((one) => one.board === board))];
}
