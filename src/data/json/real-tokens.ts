// The real tokens of a JSON row. Its length and mask may follow the tokens, so a row is first taken whole, and cut when it is complete.
import type { RowBuilder } from '../rows/builder.ts';
import type { RealTokens, Told, ToldRow } from '../rows/real-tokens.ts';
import type { JsonScanner } from './scanner.ts';
import type { Mark } from './window.ts';

/** The list that a row was taken from. */
export interface TokenList {
  readonly mark: Mark;
  /** Whether every whole number in it is a token ID. */
  readonly areTokens: boolean;
}

/** Takes the list that comes next into the row that is open in the builder. */
export function takeList(scanner: JsonScanner, builder: RowBuilder): TokenList {
  const mark = scanner.mark();
  return { mark, areTokens: scanner.wholeNumbers(builder) };
}

/** Leaves the real ones of those tokens in the open row. Throws where one of them is no token ID, whatever was taken. */
export function keepRealTokens(
  scanner: JsonScanner,
  builder: RowBuilder,
  { mark, areTokens }: TokenList,
  told: Told,
  real: RealTokens,
): void {
  const isTold = told.length !== undefined || told.mask !== undefined;
  if (!isTold && areTokens) return;
  // Within the list again, so that errors name its line.
  scanner.again(mark, () => {
    const fail: ToldRow['fail'] = ({ kind, index }, message, hint) => scanner.fail(message, hint, kind === 'token' ? index : undefined);
    const window = real.of({ told, count: builder.openLength, valueAt: (index) => builder.openToken(index), fail });
    if (areTokens) {
      builder.keepInOpenRow(window);
    } else {
      builder.dropOpenRow();
      scanner.tokens(builder, window);
      builder.beginOpenRowAt(window.begin);
    }
  });
}

/** The source text of a mask as that of its entries; what is no list is one entry. */
export function maskEntries(json: string | undefined): readonly string[] | undefined {
  if (json === undefined) return undefined;
  return json.startsWith('[') ? (JSON.parse(json) as unknown[]).map((entry) => JSON.stringify(entry)) : [json];
}
