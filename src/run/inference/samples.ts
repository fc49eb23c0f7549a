// Generated tokens as text, IDs or JSON, a sample after another: the first that is not done is shown as it grows, those behind it wait.
import { createDecoder } from '../../data/text/decoder.ts';
import type { Decoder } from '../../data/text/decoder.ts';
import type { TextVocabulary } from '../../data/text/vocabulary.ts';
import type { TokenSink } from './generate.ts';

/** Why a sample is over: it has its length, `--stop`, or the end of a row. */
export type Ending = 'length' | 'stop' | 'eos';

export interface SampleOptions {
  readonly form: 'text' | 'ids' | 'json';
  /** Needed for text. */
  readonly vocabulary: TextVocabulary | undefined;
  /** A sample ends with this token, */
  readonly stopToken: number | undefined;
  /** with the token that completes this text, */
  readonly stopText: string | undefined;
  /** or with the token that ends rows. */
  readonly eos: number | undefined;
}

export interface Samples extends TokenSink {
  /** What can be printed now and was not before; samples end with a newline. */
  drain(): string;
  /** What is left of the samples that are cut off. */
  cutOff(): string;
  readonly endings: Readonly<Record<Ending, number>>;
}

interface Sample {
  readonly prime: Int32Array;
  readonly tokens: number[];
  readonly decoder: Decoder | undefined;
  /** Between IDs; nothing before the first. */
  separator: '' | ',';
  /** What is not printed yet; of JSON, all. */
  text: string;
  /** The end of the text that was drawn, to find `stopText` in. */
  tail: string;
  ending: Ending | undefined;
}

export function createSamples({ form, vocabulary, stopToken, stopText, eos }: SampleOptions): Samples {
  const samples = new Map<number, Sample>();
  const endings = { length: 0, stop: 0, eos: 0 };
  let printing = 0;

  function show(sample: Sample, token: number): string {
    if (sample.decoder) return sample.decoder.push(token);
    const shown = `${sample.separator}${token}`;
    sample.separator = ',';
    return shown;
  }

  function endingOf({ tail }: Sample, token: number): Ending | undefined {
    if (token === stopToken || (stopText !== undefined && tail.includes(stopText))) return 'stop';
    return token === eos ? 'eos' : undefined;
  }

  function close(sample: Sample, ending: Ending): void {
    sample.ending = ending;
    sample.text += sample.decoder?.end() ?? '';
    endings[ending]++;
  }

  return {
    endings,
    begin(index, prime) {
      const decoder = form === 'ids' || !vocabulary ? undefined : createDecoder(vocabulary);
      const sample: Sample = { prime, tokens: [], decoder, separator: '', text: '', tail: '', ending: undefined };
      for (const token of prime) sample.text += show(sample, token);
      samples.set(index, sample);
    },
    take(index, token) {
      const sample = samples.get(index)!;
      const shown = show(sample, token);
      sample.text += shown;
      if (form === 'json') sample.tokens.push(token);
      sample.tail = (sample.tail + shown).slice(-Math.max(1, (stopText?.length ?? 0) + shown.length - 1));
      const ending = endingOf(sample, token);
      if (ending !== undefined) close(sample, ending);
      return ending !== undefined;
    },
    end: (index) => close(samples.get(index)!, 'length'),
    drain() {
      let out = '';
      for (let sample = samples.get(printing); sample !== undefined; sample = samples.get(printing)) {
        if (form !== 'json') {
          out += sample.text;
          sample.text = '';
        }
        if (sample.ending === undefined) break;
        out += form === 'json' ? `${jsonOf(printing, sample)}\n` : '\n';
        samples.delete(printing++);
      }
      return out;
    },
    cutOff: () => (form !== 'json' && samples.has(printing) ? `${samples.get(printing)!.decoder?.end() ?? ''}\n` : ''),
  };
}

function jsonOf(index: number, { prime, tokens, decoder, text, ending }: Sample): string {
  return JSON.stringify({ sample: index, prime: [...prime], tokens, ...(decoder && { text }), ended: ending });
}
