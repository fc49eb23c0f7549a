// The figures of `rnn bench` as tables with a word on each, and what follows from them.
import { padLeft, padRight } from '../../view/display-width.ts';
import { count, plural, significant } from '../../view/numbers.ts';
import type { BenchReport, EngineRates, StepTiming } from './bench.ts';
import type { Timing } from './rounds.ts';

/** The whole report. */
export function describeBench(report: BenchReport): string {
  return [describeMachine(report), describeProducts(report), describeSteps(report), describePhases(report), describeChoice(report)].join(
    '\n\n',
  );
}

function describeMachine({ machine: { cpu, processors, platform, node } }: BenchReport): string {
  return `${cpu}, ${plural(processors, 'processor')}, ${platform}, Node ${node}\nFigures are medians; brackets hold the middle half of the rounds.`;
}

function describeProducts({ products, engines }: BenchReport): string {
  const titles = products.map(({ name, rows, k, n }) => `${name} ${name === 'gradient' ? `${k}x${rows}x${n}` : `${rows}x${k}x${n}`}`);
  const rows = engines.flatMap(({ engine, rates }) =>
    rates ? [[engine, ...rates.map((rate) => spread(rate, (x) => significant(x, 3)))]] : [],
  );
  const missing = engines.flatMap(({ engine, reason }) => (reason === undefined ? [] : [`  ${engine}: not here: ${reason}`]));
  return ['Matrix products of a step, one thread, GFLOP/s', ...table([['engine', ...titles], ...rows]), ...missing].join('\n');
}

function describeSteps({ step, engine, steps }: BenchReport): string {
  const { task, vocabSize, hidden, layers, embedding, activation, batchSize, bptt, optimizer, outputs } = step;
  const input = embedding > 0 ? `${count(vocabSize)} tokens, embedding ${embedding}` : `${count(vocabSize)} tokens`;
  const model = `${input} -> ${layers > 1 ? `${layers} x ` : ''}H ${hidden} ${activation} -> ${plural(outputs, 'output')}`;
  const rows = steps.map(({ threads, milliseconds, tokensPerSecond, shareOfPeak }) => [
    String(threads),
    spread(milliseconds, (x) => significant(x, 3)),
    spread(tokensPerSecond, (x) => count(Number(x.toPrecision(3)))),
    percent(shareOfPeak),
  ]);
  return [
    `Training step of ${engine}: ${task}, ${model}, ${plural(batchSize, 'row')} of ${plural(bptt, 'token')}, ${optimizer}`,
    ...table([['threads', 'ms a step', 'tokens/s', 'of peak'], ...rows]),
    `  of peak: the step's ${significant(step.multiplyAdds / 1e6, 3)} M multiply-adds over its time, against each thread at the fastest product above`,
  ].join('\n');
}

function describePhases({ phases: { threads, times } }: BenchReport): string {
  const shown = times.filter(({ phase }) => threads > 1 || phase !== 'barrier');
  const rows = shown.map(({ phase, milliseconds, share }) => [phase, significant(milliseconds, 3), percent(share)]);
  const title = threads > 1 ? `Where the first of ${threads} threads spends a step` : 'Where one thread spends a step';
  return [title, ...table([['phase', 'ms', 'share'], ...rows])].join('\n');
}

function describeChoice(report: BenchReport): string {
  const { engine, threads } = report.chosen;
  return [
    `rnn train takes the engine ${engine} on ${plural(threads, 'thread')} for such a step`,
    ...whyEngine(report),
    ...whyThreads(report),
  ].join('\n  ');
}

/** A gain below it is noise. */
const WORTH_SAYING = 1.05;

function whyEngine({ chosen, engines }: BenchReport): string[] {
  const own = engines.find(({ engine }) => engine === chosen.engine);
  const why = [
    chosen.engine === 'wasm'
      ? 'wasm: its weights are the same bytes on every machine and at any number of threads'
      : `${chosen.engine}: the bytes of wasm, the same on every machine and at any number of threads, in less time; a run of less than some five seconds takes wasm`,
  ];
  for (const other of engines) {
    const ratio = fastest(other) / fastest(own);
    const price = other.bitsDependOn === undefined ? 'for the same bytes' : 'and the last bits may then differ between machines';
    if (ratio < WORTH_SAYING) continue;
    const times = `${significant(ratio, 2)} times as fast as ${chosen.engine} here`;
    why.push(`${other.engine}: multiplies ${times}; --engine ${other.engine} takes it, ${price}`);
  }
  return why;
}

function whyThreads({ chosen, engine, steps, machine, step }: BenchReport): string[] {
  const work = `${significant(step.multiplyAdds / 1e6, 3)} M multiply-adds`;
  const why =
    chosen.threads < machine.processors
      ? `fewer threads than the ${machine.processors} processors: a step of ${work} has too little work for more`
      : `a thread for each processor: a step of ${work} has work for all`;
  const compared = steps
    .slice(1)
    .map((timing) => `${plural(timing.threads, 'thread')} of ${engine} ran ${speedup(timing, steps[0])} times as fast as one`);
  const slower = steps.some(
    ({ threads, milliseconds }) => threads === chosen.threads && milliseconds.median > steps[0].milliseconds.median,
  );
  const busy = slower ? ['slower than one: other programs keep the processors busy; while they do, take --threads 1'] : [];
  return [why, ...compared, ...busy];
}

function speedup(timing: StepTiming, one: StepTiming): string {
  return significant(one.milliseconds.median / timing.milliseconds.median, 3);
}

function fastest(engine: EngineRates | undefined): number {
  return Math.max(0, ...(engine?.rates ?? []).map(({ median }) => median));
}

function spread({ median, low, high }: Timing, show: (x: number) => string): string {
  return `${show(median)} (${show(low)} to ${show(high)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** The first column to the left, figures to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => (column === 0 ? padRight : padLeft)(cell, widths[column])).join('   ')}`.trimEnd(),
  );
}
