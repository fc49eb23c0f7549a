// The programs that run.mjs times: processes that are told a number of seconds and a clock, and answer with tokens per second.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** One of rnn's engines on `threads`, or on as many as `rnn train` takes. */
export function startEngine(shape, engine, threads) {
  const words = [here('step.mjs'), JSON.stringify(shape), engine, ...(threads === undefined ? [] : [String(threads)])];
  return start(engine, process.execPath, words);
}

export function startTorch(shape, python, threads) {
  return start('PyTorch', python, [here('peers/pytorch.py'), JSON.stringify(shape), String(threads)], { OMP_WAIT_POLICY: 'PASSIVE' });
}

/** The first python that has torch, and its version. */
export function findTorch() {
  for (const python of [process.env.PYTHON, 'python3', '/usr/bin/python3']) {
    if (!python) continue;
    const { status, stdout } = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
    if (status === 0) return { python, version: stdout.trim() };
  }
  return undefined;
}

async function start(name, command, words, env = {}) {
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} has ended before it answered`);
    const said = JSON.parse(value);
    if (said.reason !== undefined) throw new Error(`${name}: ${said.reason}`);
    return said;
  };
  const { threads } = await answer();
  const rate = (seconds, clock) => {
    child.stdin.write(`${seconds} ${clock}\n`);
    return answer();
  };
  return { name, threads, rate, stop: () => child.stdin.end() };
}
