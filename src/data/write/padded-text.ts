// The tokens of a padded row, and its mask, as text: numbers with a separator between.
import type { PaddedRow, WritePlan } from './fields.ts';
import type { TextBytes } from './text-bytes.ts';

/** Writes what stands in a row for its tokens, or for its mask. */
export type WriteTokens = (row: PaddedRow, out: TextBytes) => void;

/** `43,96,2,78,43,0,0` */
export function tokensText({ value }: WritePlan, separator: string): WriteTokens {
  const padding = Buffer.from(`${value}${separator}`);
  const [separatorByte] = Buffer.from(separator);
  return ({ tokens, begin, end, before, after }, out) => {
    out.repeat(padding, before);
    out.decimals(tokens, begin, end, separatorByte);
    out.repeat(padding, after);
    if (before + after + end - begin > 0) out.dropLast();
  };
}

/** `1,1,1,1,1,0,0`: 1 for each real token, 0 for padding. */
export function maskText(separator: string): WriteTokens {
  const [zero, one] = [Buffer.from(`0${separator}`), Buffer.from(`1${separator}`)];
  return ({ begin, end, before, after }, out) => {
    out.repeat(zero, before);
    out.repeat(one, end - begin);
    out.repeat(zero, after);
    if (before + after + end - begin > 0) out.dropLast();
  };
}
