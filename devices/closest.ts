/** Edits from one short name to another; two letters swapped are one edit (Damerau). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const at = (cells: readonly number[], index: number) => cells[index] ?? a.length + b.length;
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(before, j - 2) : Infinity;
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min(at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + same, swap + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? a.length;
}

/** The known name that was probably meant, or undefined when none is near. */
export function closest(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const found = distance(wanted, candidate.toLowerCase());
    if (found < bestDistance) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

/** The next step after an unknown name: the near one, else the list. */
export function nextName(name: string, known: readonly string[]): string {
  const near = closest(name, known);
  if (near !== undefined) return `write ${near} if that was meant`;
  return known.length ? `use one of ${known.join(', ')}` : 'leave it out';
}
