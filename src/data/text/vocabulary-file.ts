// vocab.json on disk: read where it is there, else written whole. An existing file is never changed.
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { DataError, systemCode, UsageError } from '../../errors.ts';
import { createFileAtomic } from '../../formats/atomic-file.ts';
import { openBytes } from '../source/bytes.ts';
import type { Level, TextVocabulary } from './vocabulary.ts';
import { parseVocabulary, vocabularyToJson } from './vocabulary-json.ts';

export async function readVocabulary(file: string): Promise<TextVocabulary> {
  return parseVocabulary(await readWhole(file), file);
}

/** Throws UserError also where a file has come up meanwhile: rows that were made by another vocabulary would be read by this one. */
export async function writeVocabulary(file: string, vocabulary: TextVocabulary): Promise<void> {
  await createFileAtomic(file, `${vocabularyToJson(vocabulary, 2)}\n`);
}

export async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    // Reading it will say what is wrong.
    return true;
  }
}

/** As much as one text can hold; a device may have no end. */
const mostBytes = 2 ** 29;

/** A file of UTF-8 that fits in memory. */
export async function readWhole(file: string): Promise<string> {
  const { bytes } = await openBytes(file, { stdin: Readable.from([]) });
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > mostBytes) throw new DataError({ file }, `the file has more than ${mostBytes} bytes`, 'is it the right file?');
    parts.push(part);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    throw new DataError({ file }, 'this is not UTF-8 text', 'is it the right file?');
  }
}

/** What flags ask of a vocabulary; absent where they say nothing. */
export interface Asked {
  readonly level: Level | undefined;
  readonly nfc: boolean;
  readonly unk: boolean;
  readonly eos: boolean;
  readonly maxVocab: number | undefined;
}

/** A vocabulary that is there, in a file or in weights, decides; flags may repeat what it says, not contradict it. Throws UsageError that names the flag. */
export function requireAgreement(file: string, vocabulary: TextVocabulary, { level, nfc, unk, eos, maxVocab }: Asked): void {
  const refuse = (flag: string, what: string): never => {
    throw new UsageError(
      `${flag}: ${file} is there already, and ${what}`,
      `leave ${flag} out, or give --vocab another name to make a new one`,
    );
  };
  if (level !== undefined && level !== vocabulary.level) refuse('--level', `has level ${vocabulary.level}`);
  if (nfc && !vocabulary.nfc) refuse('--nfc', 'its text is not in NFC');
  if (unk && vocabulary.unk === undefined) refuse('--unk', 'has no token for the unknown');
  if (eos && vocabulary.eos === undefined) refuse('--eos', 'has no token for the end of a row');
  if (maxVocab !== undefined && maxVocab < vocabulary.size) refuse('--max-vocab', `has ${vocabulary.size} tokens`);
}
