import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { parquet } from '../support/parquet.ts';
import { bin, ended, folder } from '../support/run.ts';

test('without hyparquet a Parquet file is an error whose hint is the command that installs it', async () => {
  const project = dirname(dirname(bin));
  const copy = folder({ 'x.parquet': parquet([{ name: 'tokens', lists: [[1]] }]) });
  for (const part of ['bin', 'dist', 'package.json']) cpSync(join(project, part), join(copy, part), { recursive: true });
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(project, 'node_modules'))) {
    if (!name.startsWith('.') && name !== 'hyparquet') symlinkSync(join(project, 'node_modules', name), join(copy, 'node_modules', name));
  }
  const child = spawn(process.execPath, [join(copy, 'bin/rnn.js'), 'pad', 'x.parquet'], { cwd: copy });
  expect(await ended(child)).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^Parquet is read by the package hyparquet, which is not installed\nhint: npm install hyparquet/),
  });
});
