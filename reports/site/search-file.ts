import { registering } from './data-file.ts';
import type { Section } from './overview-page.ts';

/** Gives each text one number, in the order in which they come. */
function numbers() {
  const known = new Map<string, number>();
  const of = (text: string) => {
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  };
  return { of, texts: () => [...known.keys()] };
}

/** `kms-primary/udmabuf/kms:vc4` and `NV12/1920x1080/0x0`. */
function halves(id: string): [string, string] {
  const parts = id.split('/');
  return [parts.slice(0, 3).join('/'), parts.slice(3).join('/')];
}

/**
 * The cells of every row of the overview, in its order, by which it is searched. A row is its
 * board's number and pairs: the first half of ids, and the set of second halves there. A hundred
 * thousand ids share them.
 */
export function searchFile(sections: readonly Section[]): string {
  const [heads, tails, sets] = [numbers(), numbers(), numbers()];
  const rows = sections.flatMap(({ rows }) =>
    rows.map(({ at, line }) => {
      const placed = Map.groupBy(line.cells.map(halves), ([head]) => head);
      const pairs = [...placed].flatMap(([head, members]) => {
        const set = members.map(([, tail]) => tails.of(tail));
        return [heads.of(head), sets.of(set.join(' '))];
      });
      return [at, ...pairs];
    }),
  );
  return registering({
    kind: 'cells',
    heads: heads.texts(),
    tails: tails.texts(),
    sets: sets.texts().map((text) => text.split(' ').map(Number)),
    rows,
  });
}
