// Dyck words: brackets of several types that are balanced, or just not. Type k opens with token 2k and closes with 2k + 1.
import type { Random } from '../../model/random.ts';

/**
 * Fills word (even length) with a balanced word, each nesting equally likely, each pair of a random type:
 * P(open | r left, h open) = (r − h)(h + 2) / (2 r (h + 1))  (Arnold & Sleep 1980, "Uniform random generation of balanced parenthesis strings").
 */
export function fillBalanced(word: Int32Array, types: number, random: Random): void {
  const open: number[] = [];
  for (let at = 0; at < word.length; at++) {
    const left = word.length - at;
    const height = open.length;
    if (2 * left * (height + 1) * random.uniform() < (left - height) * (height + 2)) {
      const type = random.below(types);
      open.push(type);
      word[at] = 2 * type;
    } else {
      word[at] = 2 * open.pop()! + 1;
    }
  }
}

/** Breaks a balanced word by one change: another token in one place, or two tokens exchanged. */
export function breakBalance(word: Int32Array, types: number, random: Random): void {
  if (random.below(2) === 0) {
    // Any one substitution does: it changes how many open and close, or the type of one end of a pair.
    const at = random.below(word.length);
    word[at] = (word[at] + 1 + random.below(2 * types - 1)) % (2 * types);
    return;
  }
  const [a, b] = [random.below(word.length), random.below(word.length)];
  exchange(word, a, b);
  if (!isBalanced(word)) return;
  exchange(word, a, b);
  // The first of a balanced word opens and the last closes, so that this never fails.
  exchange(word, 0, word.length - 1);
}

export function isBalanced(word: Int32Array): boolean {
  const open: number[] = [];
  for (const token of word) {
    if (token % 2 === 0) open.push(token);
    else if (open.pop() !== token - 1) return false;
  }
  return open.length === 0;
}

function exchange(word: Int32Array, a: number, b: number): void {
  const kept = word[a];
  word[a] = word[b];
  word[b] = kept;
}
