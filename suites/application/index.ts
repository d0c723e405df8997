import { cam } from './cam.ts';
import { kmssink } from './kmssink.ts';
import type { Program } from './program.ts';
import { waylandsink } from './waylandsink.ts';

/** The programs that can be asked what they really do. A new one is a file and a row. */
export const PROGRAMS: readonly Program[] = [cam, waylandsink, kmssink];
