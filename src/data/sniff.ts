// Which format an input is in: by its first bytes where it is no text, else by the extension of its name, else by its first line.
import type { InputFormat } from './rows/rows.ts';

/** The format that the name tells, `.gz` aside. */
export function formatOfName(file: string): InputFormat | undefined {
  const extension = /\.([a-z]+)(?:\.gz)?$/i.exec(file)?.[1]?.toLowerCase();
  return extension !== undefined && Object.hasOwn(extensions, extension) ? extensions[extension as keyof typeof extensions] : undefined;
}

const extensions = {
  csv: 'csv',
  tsv: 'tsv',
  json: 'json',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  npy: 'npy',
  parquet: 'parquet',
  pq: 'parquet',
} as const;

/** What files that are not text begin with. */
const signatures = [
  ['npy', Buffer.from('\x93NUMPY', 'latin1')],
  ['parquet', Buffer.from('PAR1')],
] as const;

/** Whether these first bytes tell if the input is one of those. */
export function enoughForSignature(head: Buffer): boolean {
  return !signatures.some(([, bytes]) => head.length < bytes.length && bytes.subarray(0, head.length).equals(head));
}

export function formatOfSignature(head: Buffer): InputFormat | undefined {
  return signatures.find(([, bytes]) => head.subarray(0, bytes.length).equals(bytes))?.[0];
}

/** Bytes that a guess may wait for. */
const mostBytes = 1 << 16;

/** Whether these first bytes hold a whole line, and what more it takes to tell a document of that line; or are as many as a guess may wait for. */
export function enoughToSniff(head: Buffer): boolean {
  if (head.length >= mostBytes) return true;
  const [line, ...rest] = head.toString('latin1').trimStart().split('\n');
  const mayBeWhole = /[\]}]\s*$/.test(line) && (isEmptyList.test(line) || holdsListOfLists.test(line));
  return rest.length > 0 && (!mayBeWhole || rest.some((part) => part.trim() !== ''));
}

const isEmptyList = /^\[\s*\]/;
const holdsListOfLists = /:\s*\[\s*\[/;

/**
 * `[` or `{` first: a list of lists or of objects, or one object with a list of lists, is a JSON document; other lists and objects
 * that fill a line are JSONL. Else a tab in the first line: TSV. Else CSV.
 */
export function formatOfText(head: Buffer): InputFormat {
  const text = head.toString('utf8', 0, mostBytes).trimStart();
  const [line = '', ...rest] = text.split('\n');
  const fillsLine = /[\]}]\s*$/.test(line) || rest.length === 0;
  const goesOn = rest.some((part) => part.trim() !== '');
  if (text.startsWith('[')) {
    const holdsRows = /^\[\s*[[{]/.test(text);
    const isEmpty = isEmptyList.test(text);
    return holdsRows || !fillsLine || (isEmpty && !goesOn) ? 'json' : 'jsonl';
  }
  if (text.startsWith('{')) {
    if (fillsLine && goesOn) return 'jsonl';
    return fillsLine && !holdsListOfLists.test(line) ? 'jsonl' : 'json';
  }
  return line.includes('\t') ? 'tsv' : 'csv';
}
