import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text as wholeText } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ended, fixture, folder, run, spawnRnn } from '../support/run.ts';
import type { RunResult } from '../support/run.ts';

type Input = string | readonly (string | Uint8Array)[];

const words = (args: string): string[] => args.split(' ').filter((word) => word !== '');
const tokenize = (args: string, stdin?: Input): Promise<RunResult> => run(['tokenize', ...words(args)], { stdin });
const detokenize = (args: string, stdin?: Input): Promise<RunResult> => run(['detokenize', ...words(args)], { stdin });
const tiny = fileURLToPath(new URL('../data/text/tokenizer.json', import.meta.url));

/** What standard output holds, when all is well. */
async function out(result: Promise<RunResult>): Promise<string> {
  const { code, stdout, stderr } = await result;
  expect(code, stderr).toBe(0);
  return stdout;
}

/** The same bytes in parts of this size, as from a pipe. */
function inParts(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

const anyCharacter = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
const awkward = fc.constantFrom('a', ' ', '\n', '\r', '\r\n', '\u2028', '\u0085', '\0', 'e\u0301', '👩‍👧', '\uFEFF', '\u{10FFFF}');
const anyText = fc.string({ unit: fc.oneof(awkward, anyCharacter), maxLength: 60 });

describe('detokenize(tokenize(x)) is x', () => {
  const endLine = (given: string): string => (given.endsWith('\n') ? given : `${given}\n`);

  test('at level char, for any text in any parts, a last line without a newline gaining one; in every output format', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyText,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('csv', 'tsv', 'json', 'jsonl'),
        fc.constantFrom('', '--eos', '--unk'),
        async (text, size, format, flag) => {
          const vocab = join(folder(), 'vocab.json');
          const input = inParts(Buffer.from(`a\n${text}`), size);
          const rows = await out(tokenize(`--vocab ${vocab} --output-format ${format} ${flag}`, input));
          expect(await out(detokenize(`--vocab ${vocab} --input-format ${format}`, rows))).toBe(endLine(`a\n${text}`));
          // The vocabulary is there now, and gives the same rows.
          expect(await out(tokenize(`--vocab ${vocab} --output-format ${format}`, input))).toBe(rows);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('at level byte, for any bytes, be they UTF-8 or not', async () => {
    const directory = folder();
    const [rows, back] = [join(directory, 'rows.csv'), join(directory, 'text')];
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.boolean(), async (bytes, eos) => {
        fc.pre(bytes[0] !== 0x1f || bytes[1] !== 0x8b);
        await out(tokenize(`--level byte -o ${rows} ${eos ? '--eos' : ''}`, [bytes]));
        await out(detokenize(`${rows} --level byte -o ${back}`));
        const whole = bytes.at(-1) === 0x0a ? bytes : Uint8Array.of(...bytes, 0x0a);
        expect([...readFileSync(back)]).toEqual([...whole]);
      }),
      { numRuns: 60 },
    );
  });

  test('at level word, but that single spaces stand between the words', async () => {
    const vocab = join(folder(), 'vocab.json');
    const rows = await out(tokenize(`--level word --vocab ${vocab}`, ' the  cat\u00a0sat \r\n\nthe\tend'));
    expect(rows).toBe('4,1,3\n\n4,2\n');
    expect(await out(detokenize(`--vocab ${vocab}`, rows))).toBe('the cat sat\n\nthe end\n');
  });

  test('for the verses, whose rows and vocabulary are those of the fixtures', async () => {
    const vocab = join(folder(), 'vocab.json');
    const rows = await out(tokenize(`${fixture('verse.txt')} --eos --skip-empty --vocab ${vocab}`));
    expect(rows).toBe(readFileSync(fixture('verse.csv'), 'utf8'));
    expect(readFileSync(vocab, 'utf8')).toBe(readFileSync(fixture('verse.vocab.json'), 'utf8'));
    const lines = readFileSync(fixture('verse.txt'), 'utf8').replace(/\n+/g, '\n');
    expect(await out(detokenize(`${fixture('verse.csv')} --vocab ${vocab}`))).toBe(lines);
  });
});

describe('rows', () => {
  test('are IDs from 1 in the order of code points; --eos and --unk come first', async () => {
    expect(await out(tokenize('', 'cab\n\nb'))).toBe('3,1,2\n\n2\n');
    expect(await out(tokenize('--eos', 'cab\n\nb'))).toBe('4,2,3,1\n1\n3,1\n');
    expect(await out(tokenize('--eos --unk --skip-empty', 'cab\n\nb'))).toBe('5,3,4,2\n4,2\n');
    expect(await out(tokenize('--level byte', 'a\u{1F600}'))).toBe('98,241,160,153,129\n');
  });

  test.each([
    ['csv', '1\n\n'],
    ['tsv', '1\n\n'],
    ['jsonl', '[1]\n[]\n'],
    ['json', '[[1],[]]\n'],
  ])('of "a" and an empty line are %j in %s', async (format, expected) => {
    expect(await out(tokenize(`--output-format ${format}`, 'a\n\n'))).toBe(expected);
  });

  test('take the format of -o FILE, which appears whole', async () => {
    const directory = folder();
    await out(tokenize(`-o ${join(directory, 'rows.jsonl')}`, 'ab\n'));
    expect(readFileSync(join(directory, 'rows.jsonl'), 'utf8')).toBe('[1,2]\n');
    expect((await tokenize(`-o ${join(directory, 'bad.csv')} --vocab ${fixture('words.vocab.json')}`, 'ab\nX\n')).code).toBe(1);
    expect(readdirSync(directory)).toEqual(['rows.jsonl']);
  });

  test('of a gzipped file, of CRLF text and of an empty one are what one would think', async () => {
    const path = join(folder({ 't.txt.gz': gzipSync('ab\n') }), 't.txt.gz');
    expect(await out(tokenize(path))).toBe('1,2\n');
    expect(await out(tokenize('', 'a\r\n'))).toBe('2,1\n');
    expect(await out(tokenize('--level byte', ''))).toBe('');
    expect(await out(tokenize('--level byte --output-format json', ''))).toBe('[]\n');
  });

  test('a byte order mark is a token of characters, with a note, and none of words', async () => {
    const { stdout, stderr } = await tokenize('', '\uFEFFa\n');
    expect(stdout).toBe('2,1\n');
    expect(stderr).toContain('note: the text begins with a byte order mark');
    expect(await out(tokenize('--level word', '\uFEFFthe end\n'))).toBe('2,1\n');
  });

  test('--nfc makes one character of a letter and its accent, also where a pipe cuts between them', async () => {
    const decomposed = Buffer.from('Cafe\u0301 e\u0301\n');
    for (let size = 1; size < 9; size++) {
      const vocab = join(folder(), 'v.json');
      const rows = await out(tokenize(`--nfc --vocab ${vocab}`, inParts(decomposed, size)));
      expect(await out(detokenize(`--vocab ${vocab}`, rows))).toBe('Caf\u00e9 \u00e9\n');
    }
  });

  test('--nfc is String.normalize, whatever the text and the parts', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const vocab = join(folder(), 'v.json');
        const rows = await out(tokenize(`--nfc --vocab ${vocab}`, inParts(Buffer.from(`a${text}\n`), size)));
        expect(await out(detokenize(`--vocab ${vocab}`, rows))).toBe(`a${text}\n`.normalize('NFC'));
      }),
      { numRuns: 40 },
    );
  });
});

describe('a vocabulary', () => {
  test('is made by the first run, and used unchanged by the next, in which an unknown character is an error with its place', async () => {
    const vocab = join(folder(), 'vocab.json');
    expect((await tokenize(`--vocab ${vocab}`, 'abc\n')).stderr).toBe(`stdin: 1 row, 3 tokens; made ${vocab}: 4 tokens, level char\n`);
    const before = readFileSync(vocab);
    expect((await tokenize(`--vocab ${vocab}`, 'cb\n')).stderr).toBe(`stdin: 1 row, 2 tokens; by ${vocab}: 4 tokens, level char\n`);
    const { code, stderr } = await tokenize(`--vocab ${vocab}`, 'a\nb\u{1F600}\n');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^stdin:2:2: the character "\u{1F600}" \(U\+1F600\) is not in the vocabulary\nhint: .*--unk/u);
    expect(readFileSync(vocab)).toEqual(before);
  });

  test('that is not kept is said to be lost', async () => {
    expect((await tokenize('', 'a\n')).stderr).toMatch(/note: the vocabulary is not kept; --vocab FILE writes it/);
    expect((await tokenize('--level byte', 'a\n')).stderr).toBe('stdin: 1 row, 1 token; by a vocabulary of 257 tokens, level byte\n');
  });

  test('of --max-vocab 5 holds padding, unknown and the three most frequent, ties by code point; the rest is counted', async () => {
    const vocab = join(folder(), 'vocab.json');
    const { stdout, stderr } = await tokenize(`--vocab ${vocab} --max-vocab 5 --unk`, 'zzz yx ba\n');
    expect(JSON.parse(readFileSync(vocab, 'utf8'))).toMatchObject({ tokens: ['', '\uFFFD', ' ', 'a', 'z'], unk: 1 });
    expect(stdout).toBe('4,4,4,2,1,1,2,1,3\n');
    expect(stderr).toContain('3 tokens unknown (33 %)\nleft out of the vocabulary: 3 characters, the rarest\n');
  });

  test('of --min-count 2 leaves rarer words out, which is an error without --unk', async () => {
    const given = 'the cat\nthe dog <unk>\n';
    const { stderr, code } = await tokenize('--level word --min-count 2', given);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^stdin:1: word 2, "cat", is not in the vocabulary\nhint: /);
    expect(await out(tokenize('--level word --min-count 2 --unk', given))).toBe('2,1\n2,1,1\n');
    expect((await tokenize('--level word --min-count 3 --unk', given)).stderr).toMatch(
      /^stdin: --max-vocab and --min-count leave no token of the 3 in the text\n/,
    );
  });

  test('that is there decides: flags that say otherwise are usage errors', async () => {
    const vocab = join(folder(), 'vocab.json');
    await tokenize(`--vocab ${vocab}`, 'abc\n');
    for (const [flag, what] of [
      ['--level word', 'has level char'],
      ['--nfc', 'its text is not in NFC'],
      ['--unk', 'has no token for the unknown'],
      ['--eos', 'has no token for the end of a row'],
      ['--max-vocab 3', 'has 4 tokens'],
    ]) {
      const { code, stderr } = await tokenize(`--vocab ${vocab} ${flag}`, 'abc\n');
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(`^${flag.split(' ')[0]}: .*vocab.json is there already, and ${what}\nhint: `),
      ]);
    }
    expect((await tokenize(`--vocab ${vocab} --level char --max-vocab 4`, 'abc\n')).code).toBe(0);
  });

  test('is made of the same tokens from a file, which is read twice, as from a pipe, which leaves no temporary file', async () => {
    const given = 'to be or not to be\n';
    const directory = folder({ 't.txt': given });
    await tokenize(`${join(directory, 't.txt')} --level word --vocab ${join(directory, 'a.json')}`);
    const temporary = folder();
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    await out(tokenize(`--level word --vocab ${join(directory, 'b.json')}`, given));
    expect(readdirSync(temporary)).toEqual([]);
    expect(readFileSync(join(directory, 'a.json'))).toEqual(readFileSync(join(directory, 'b.json')));
  });

  test('is made of a text of many stretches from a pipe, which is then read again from its first byte to its last', async () => {
    const given = Array.from({ length: 50_000 }, (_, i) => `${i}\n`).join('');
    const vocab = join(folder(), 'vocab.json');
    const rows = await out(tokenize(`--level word --vocab ${vocab}`, inParts(Buffer.from(given), 65_536)));
    expect(await out(detokenize(`--vocab ${vocab}`, rows))).toBe(given);
  });

  test('has no token but the padding for an empty text, which is an error', async () => {
    const vocab = join(folder(), 'vocab.json');
    const { code, stderr } = await tokenize(`--vocab ${vocab}`, '\n\n');
    expect([code, stderr]).toEqual([1, 'stdin: there is no token to make a vocabulary of\nhint: is it the right file?\n']);
    expect(existsSync(vocab)).toBe(false);
  });

  test('--json gives the summary as one object on standard error', async () => {
    const { stderr } = await tokenize('--json --skip-empty --unk --max-vocab 3', 'aab\n\n');
    expect(JSON.parse(stderr)).toEqual({
      file: 'stdin',
      rows: 1,
      tokens: 3,
      unknown: 1,
      emptyLines: 1,
      vocabulary: { level: 'char', size: 3, made: true, leftOut: { distinct: 1, occurrences: 1 } },
      beginsWithByteOrderMark: false,
    });
  });
});

describe('bad input', () => {
  test.each([
    [['a\nb\xff'.slice(0, 3), Uint8Array.of(0xff)], 'stdin:2: byte 2 of the line, 0xff, is not UTF-8\n'],
    [[Uint8Array.of(0x61, 0xc3)], 'stdin:1: byte 2 of the line, 0xc3, is not UTF-8\n'],
    [['a\n', 'é', Uint8Array.of(0xed, 0xa0, 0x80)], 'stdin:2: byte 3 of the line, 0xed, is not UTF-8\n'],
    [
      [Uint8Array.of(0xff, 0xfe, 0x61, 0)],
      'stdin:1: byte 1 of the line, 0xff, is not UTF-8: this looks like UTF-16\nhint: iconv -f UTF-16',
    ],
  ])('%j is named with its line and byte, never made U+FFFD', async (parts, message) => {
    for (const level of ['char', 'word']) {
      const { code, stderr } = await tokenize(`--level ${level}`, parts);
      expect([code, stderr.startsWith(message)], stderr).toEqual([1, true]);
    }
  });

  test('a word that does not end is refused before it fills memory', async () => {
    const parts = Array.from({ length: 20 }, () => 'x'.repeat(1 << 16));
    expect((await tokenize('--level word', parts)).stderr).toMatch(/^stdin: a word has more than 1048576 characters\nhint: /);
  });

  test.each([
    ['--level byte --nfc', '--nfc: level byte takes every byte as it is'],
    ['--level byte --unk', '--unk: level byte'],
    [`--tokenizer ${tiny} --eos`, '--eos: a tokenizer.json decides'],
    ['--vocab a.json --weights b', '--weights: --vocab already names'],
    ['--vocab -', '--vocab: standard input is for the text'],
    ['--output-format npy', '--output-format: "npy" is not one of'],
    ['-o rows.npy', '-o: rows of text differ in length'],
    ['-o rows.csv.gz', '-o: the result is not compressed here'],
    ['--quiet --json', '--quiet: it excludes --json'],
    ['--max-vocab 1', '--max-vocab: "1" is not a whole number'],
  ])('%s is a usage error', async (args, message) => {
    const { code, stderr } = await tokenize(args, 'a\n');
    expect([code, stderr.startsWith(message)], stderr).toEqual([2, true]);
  });

  test('a vocabulary that is broken, or in a folder that is not there, is named', async () => {
    const directory = folder({ 'v.json': '["","a","a"]' });
    expect((await tokenize(`--vocab ${join(directory, 'v.json')}`, 'a\n')).stderr).toContain('v.json: entry 2, "a", is entry 1 too');
    expect((await tokenize(`--vocab ${join(directory, 'no', 'v.json')}`, 'a\n')).stderr).toContain('the folder does not exist');
    expect((await tokenize(`--vocab ${directory}`, 'a\n')).stderr).toContain('this is a folder');
  });
});

describe('detokenize', () => {
  const vocab = (): string => join(folder({ 'v.json': '["","\\n","a","b"]' }), 'v.json');

  test('prints nothing for padding, and one newline for a row, whether it ends with one or not', async () => {
    expect(await out(detokenize(`--vocab ${vocab()}`, '2,3\n2,3,1\n2,1,0,0\n0,0,3\n\n2,1,3\n'))).toBe('ab\nab\na\nb\n\na\nb\n');
  });

  test('puts no space where an end of row stands among words', async () => {
    const path = join(folder({ 'v.json': '["","\\n","the","cat"]' }), 'v.json');
    expect(await out(detokenize(`--vocab ${path}`, '2,3,1,2,3\n'))).toBe('the cat\nthe cat\n');
  });

  test('reads what the other commands read: JSON objects, a column of cells, padding of another value', async () => {
    expect(await out(detokenize(`--vocab ${vocab()}`, '[{"tokens":[2,3],"label":1}]'))).toBe('ab\n');
    expect(await out(detokenize(`--vocab ${vocab()} --sequence ids`, 'ids,label\n3 2,1\n'))).toBe('ba\n');
    expect(await out(detokenize(`--vocab ${vocab()} --pad-value 9`, '2,9,9\n9,3,9\n'))).toBe('a\nb\n');
  });

  test('names a token outside the vocabulary with its place', async () => {
    expect((await detokenize(`--vocab ${vocab()}`, '2\n3,4\n')).stderr).toMatch(
      /^stdin:2:2: token 4 is outside the vocabulary 0\.\.3\nhint: /,
    );
    expect((await detokenize('--level byte', '[[1],[2,257]]')).stderr).toMatch(/^stdin: row 2, token 2: token 257 is outside/);
  });

  test('takes one vocabulary, and says so', async () => {
    expect((await detokenize('', '1\n')).stderr).toMatch(/^--vocab: nothing says what the IDs mean\nhint: /);
    expect((await detokenize(`--vocab ${vocab()} --level byte`, '1\n')).stderr).toMatch(/^--level: --vocab already says/);
    expect((await detokenize('--vocab none.json', '1\n')).stderr).toMatch(/^none\.json: no such file\n/);
  });
});

describe('a tokenizer.json', () => {
  const bpeText = 'low lower newest\n\nwidest é!\n';

  test('of a byte-level BPE gives the IDs of its merges, and the text back', async () => {
    const rows = await out(tokenize(`--tokenizer ${tiny}`, bpeText));
    expect(rows).toBe('15,16,17,13,5,2,10,18\n\n10,3,1,18,13,21,0\n');
    expect(await out(detokenize(`--tokenizer ${tiny}`, rows))).toBe(bpeText);
  });

  test('that knows all bytes gives any text back', async () => {
    const json = JSON.parse(readFileSync(tiny, 'utf8'));
    const prints = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
    let next = 0x100;
    const names = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(prints(byte) ? byte : next++));
    Object.assign(json.model, { vocab: Object.fromEntries(names.map((name, id) => [name, id])), merges: [] });
    const path = join(folder({ 'all.json': JSON.stringify({ ...json, added_tokens: [] }) }), 'all.json');
    await fc.assert(
      fc.asyncProperty(anyText, async (given) => {
        const rows = await out(tokenize(`--tokenizer ${path}`, `a${given}\n`));
        expect(await out(detokenize(`--tokenizer ${path}`, rows))).toBe(`a${given}\n`);
      }),
      { numRuns: 40 },
    );
  });

  test('has no padding of its own: --pad-value names it', async () => {
    expect(await out(detokenize(`--tokenizer ${tiny}`, '15,0,0\n'))).toBe('low!!\n');
    expect(await out(detokenize(`--tokenizer ${tiny} --pad-value 19`, '15,0,19\n'))).toBe('low!\n');
  });

  test('that drops what it has no token for is an error, not a shorter row', async () => {
    const { code, stderr } = await tokenize(`--tokenizer ${tiny}`, 'low\nlow xyz\n');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^stdin:2: .*tokenizer\.json has no token for a part of the line, and none for the unknown\nhint: /);
  });

  test('and a vocabulary are told apart, and one that cannot run is named', async () => {
    const directory = folder({
      'odd.json': '{"model":{"type":"Odd"},"decoder":null,"post_processor":null,"pre_tokenizer":null,"normalizer":null}',
    });
    expect((await tokenize(`--vocab ${tiny}`, bpeText)).stderr).toMatch(
      /tokenizer\.json: this is no vocabulary of rnn\nhint: .*--tokenizer/,
    );
    expect((await tokenize(`--tokenizer ${fixture('verse.vocab.json')}`, bpeText)).stderr).toMatch(
      /this is no tokenizer\.json.*\nhint: .*--vocab/,
    );
    expect((await tokenize(`--tokenizer ${join(directory, 'odd.json')}`, bpeText)).stderr).toMatch(/cannot run this tokenizer: /);
    expect((await detokenize(`--tokenizer ${tiny}`, '15,99\n')).stderr).toMatch(/^stdin:1:2: token 99 is outside the vocabulary 0\.\.21\n/);
  });
});

describe('rnn train --vocab', () => {
  const train = (args: string, stdin?: string): Promise<RunResult> =>
    run(['train', '--quiet', '--epochs', '1', '--hidden', '4', ...words(args)], { stdin });

  test('makes a model of its size, whose weights carry it through --init-from to detokenize', async () => {
    const directory = folder();
    const [first, second] = [join(directory, 'first'), join(directory, 'second')];
    const vocab = fixture('verse.vocab.json');
    await out(train(`--vocab ${vocab} --out ${first}`, '2,31,1\n31,2,1\n'));
    expect(JSON.parse(readFileSync(join(first, 'run.json'), 'utf8'))).toMatchObject({ model: { vocab: 57 }, config: { vocab } });
    await out(train(`--init-from ${join(first, 'weights.safetensors')} --out ${second}`, '2,31,1\n'));
    expect(await out(detokenize(`--weights ${second}`, '31,2,32,1\n'))).toBe('a b\n');
    expect(await out(tokenize(`--weights ${second}`, 'a b\n'))).toBe('31,2,32,1\n');
    expect((await tokenize(`--weights ${second} --level word`, 'a b\n')).stderr).toMatch(
      /^--level: .*second is there already, and has level char\n/,
    );
    expect(await out(detokenize(`--weights ${join(first, 'weights.safetensors')}`, '33\n'))).toBe('c\n');
  });

  test('refuses rows, sizes and weights that it does not fit', async () => {
    const directory = folder({ 'v.json': '["","a","b"]' });
    const vocab = join(directory, 'v.json');
    const plain = join(directory, 'plain');
    await out(train(`--out ${plain}`, '1,2\n'));
    const weights = join(plain, 'weights.safetensors');
    expect((await train(`--vocab ${vocab}`, '1,2\n1,3\n')).stderr).toMatch(
      /^stdin:2:2: token 3 is outside the vocabulary 0\.\.2\nhint: .*rnn tokenize --vocab/,
    );
    expect((await train(`--vocab ${vocab} --vocab-size 9`, '1,2\n')).stderr).toMatch(/^--vocab-size: .*v\.json has 3 tokens, not 9\n/);
    expect((await train(`--vocab ${fixture('verse.vocab.json')} --init-from ${weights}`, '1,2\n')).stderr).toMatch(
      /^--vocab: .* has 57 tokens; the weights of --init-from have a vocabulary of 3\n/,
    );
    const named = join(directory, 'named');
    await out(train(`--vocab ${vocab} --init-from ${weights} --out ${named}`, '1,2\n'));
    writeFileSync(vocab, '["","b","a"]');
    expect((await train(`--vocab ${vocab} --init-from ${join(named, 'weights.safetensors')}`, '1,2\n')).stderr).toMatch(
      /^--vocab: .*v\.json is not the vocabulary of the weights of --init-from\n/,
    );
    expect((await detokenize(`--weights ${plain}`, '1\n')).stderr).toMatch(/these weights carry no vocabulary\nhint: /);
  });
});

describe('in a pipe', () => {
  test('a reader that has had enough ends tokenize and detokenize without an error', async () => {
    const directory = folder({ 'big.txt': 'all work and no play\n'.repeat(200_000), 'big.csv': '2,3,4,5\n'.repeat(200_000) });
    for (const [command, file] of [
      ['tokenize', 'big.txt'],
      ['detokenize', 'big.csv'],
    ]) {
      const child = spawnRnn([command, file, '--level', 'byte'], directory);
      const ending = Promise.all([once(child, 'close'), wholeText(child.stderr)]);
      await once(child.stdout, 'readable');
      child.stdout.destroy();
      const [[code], stderr] = await ending;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
  });

  test('SIGINT ends a tokenize that waits for its text with 130, and leaves nothing behind', async () => {
    const directory = folder();
    const child = spawnRnn(['tokenize', '--vocab', 'v.json', '-o', 'rows.csv'], directory);
    child.stdin.write('some text\n');
    // The output is opened first; then the text is waited for.
    while (!readdirSync(directory).some((name) => name.endsWith('.tmp'))) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGINT');
    expect((await ended(child)).code).toBe(130);
    expect(readdirSync(directory)).toEqual([]);
  });
});
