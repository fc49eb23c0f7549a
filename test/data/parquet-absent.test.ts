import { expect, test, vi } from 'vitest';
import { parquet } from '../support/parquet.ts';
import { readText } from '../support/read.ts';

vi.mock('hyparquet', () => {
  throw new Error('Cannot find package hyparquet');
});

test('without hyparquet a Parquet file is an error whose hint is the command that installs it', async () => {
  await expect(readText([parquet([{ name: 'tokens', lists: [[1]] }])])).rejects.toMatchObject({
    message: 'Parquet is read by the package hyparquet, which is not installed',
    hint: expect.stringContaining('npm install hyparquet'),
    exitCode: 1,
  });
});
