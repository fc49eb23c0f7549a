import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lossChart } from '../../src/view/chart.ts';
import type { Series } from '../../src/view/chart.ts';
import { spread } from '../../src/view/chart-labels.ts';
import { palettes } from '../../src/view/chart-style.ts';
import type { Point } from '../../src/view/points.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Reads the little of XML that a chart may use, and throws at anything else: a stray <, an entity unknown, a tag left open. */
function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let at = 0;
  const token = /<(\/?)([a-z]+)((?: [A-Za-z\d-]+="(?:[^"<&]|&(?:amp|lt|gt|quot);)*")*)(\/?)>|((?:[^<>&]|&(?:amp|lt|gt|quot);)+)/gy;
  while (at < xml.length) {
    token.lastIndex = at;
    const found = token.exec(xml);
    if (found === null) throw new Error(`not XML at ${xml.slice(at, at + 60)}`);
    at = token.lastIndex;
    const [, closing, name = '', written = '', empty, text] = found;
    if (text !== undefined) open.at(-1)!.text += unescape(text);
    else if (closing === '/') {
      if (open.pop()!.name !== name) throw new Error(`</${name}> closes another element`);
    } else {
      const attributes = Object.fromEntries(
        [...written.matchAll(/ ([A-Za-z\d-]+)="([^"]*)"/g)].map(([, key, value]) => [key, unescape(value)]),
      );
      const element: Element = { name, attributes, children: [], text: '' };
      open.at(-1)!.children.push(element);
      if (empty === '') open.push(element);
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is left open`);
  return root.children[0];
}

function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

function all(element: Element, name: string): Element[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

function texts(svg: Element): string[] {
  return all(svg, 'text').map(({ text }) => text);
}

/** The drawn curves, each a list of unbroken lines of points in pixels. */
function curves(svg: Element): { x: number; y: number }[][][] {
  const solid = all(svg, 'path').filter(({ attributes }) => attributes['stroke-width'] !== undefined);
  return solid.map(({ attributes }) =>
    attributes['d']
      .split('M')
      .slice(1)
      .map((part) =>
        part
          .replace('Z', '')
          .split('L')
          .map((pair) => {
            const [x, y] = pair.split(',').map(Number);
            return { x: x, y: y };
          }),
      ),
  );
}

function draw(series: readonly Series[], size: { width?: number; height?: number } = {}): Element {
  return parse(lossChart({ title: 'Loss', xLabel: 'step', yLabel: 'loss (nats/token)', series, ...size }));
}

const falling = Array.from({ length: 50 }, (_, i): Point => ({ x: i + 1, y: 4 - i / 20 }));

describe('lossChart', () => {
  test('draws each point of a short curve once, from left to right, a larger loss above a smaller one', () => {
    const [[points]] = curves(draw([{ name: 'train', points: falling }]));
    expect(points).toHaveLength(50);
    for (let i = 1; i < 50; i++) {
      expect(points[i].x).toBeGreaterThan(points[i - 1].x);
      expect(points[i].y).toBeGreaterThan(points[i - 1].y);
    }
  });

  test('is well-formed, inside its frame, and free of NaN, for any points and any size from 320 × 200', () => {
    const y = fc.oneof(fc.double(), fc.double({ min: 1e-6, max: 1e3 }), fc.constant(2));
    const anyPoints = fc.array(fc.record({ x: fc.oneof(fc.nat(1_000_000), fc.double()), y }), { maxLength: 60 });
    const anySeries = fc.array(fc.record({ name: fc.string({ unit: 'binary' }), points: anyPoints }), { maxLength: 8 });
    const size = fc.record({ width: fc.integer({ min: 320, max: 1600 }), height: fc.integer({ min: 200, max: 1200 }) });
    fc.assert(
      fc.property(anySeries, size, (series, { width, height }) => {
        const svg = lossChart({
          title: 'Loss',
          xLabel: 'step',
          yLabel: 'loss',
          series: series.map((one, i) => ({ ...one, name: `${i}${one.name}` })),
          width,
          height,
        });
        const attributes = ['line', 'text', 'circle', 'path', 'rect'].flatMap((name) =>
          all(parse(svg), name).map((element) => element.attributes),
        );
        const outside = (keys: readonly string[], end: number): string[] =>
          attributes.flatMap((one) => keys.map((key) => one[key] ?? '0')).filter((at) => !(Number(at) >= 0 && Number(at) <= end));
        expect(outside(['x', 'x1', 'x2', 'cx'], width)).toEqual([]);
        expect(outside(['y', 'y1', 'y2', 'cy'], height)).toEqual([]);
        expect(attributes.filter(({ d = '' }) => !/^[MLZ\d.,-]*$/.test(d))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('escapes names, title and labels, and drops what XML cannot hold', () => {
    const hostile = `<script>&"'</script>\u0000\ud800\uffff]]>`;
    const svg = lossChart({ title: hostile, xLabel: hostile, yLabel: hostile, series: [{ name: hostile, points: falling }] });
    expect(svg).not.toContain('<script');
    const root = parse(svg);
    expect(all(root, 'title')[0].text).toBe(`<script>&"'</script>\\x00\ufffd\ufffd]]>`);
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(svg).not.toMatch(/[\u0000-\u0009\u000b-\u001f\ufffe\uffff]/);
  });

  test('says in words what it shows, for those who do not see it', () => {
    const root = draw([
      { name: 'train', points: falling },
      { name: 'validation', points: [{ x: 50, y: 2 }] },
    ]);
    expect(root.attributes).toMatchObject({ role: 'img', 'aria-label': 'Loss', viewBox: '0 0 720 420' });
    expect(root.children[0].name).toBe('title');
    expect(all(root, 'desc')[0].text).toBe(
      'loss (nats/token) by step. train: from 4.000 at step 1 to 1.550 at step 50, lowest 1.550 at step 50. validation: 2.000 at step 50.',
    );
  });

  test('names every curve in the legend, and shows its last value at its end', () => {
    const root = draw([
      { name: 'train', points: falling },
      { name: 'validation', points: [{ x: 50, y: 2 }] },
    ]);
    expect(texts(root)).toEqual(expect.arrayContaining(['Loss', 'train', 'validation', 'step', 'loss (nats/token)', '1.550', '2.000']));
  });

  test('breaks a curve at points that are not finite, and counts them below', () => {
    const points = falling.map(({ x, y }) => ({ x, y: x === 10 ? NaN : x > 40 ? Infinity : y }));
    const root = draw([{ name: 'train', points }]);
    expect(curves(root)[0].map((part) => part.length)).toEqual([9, 30]);
    expect(texts(root)).toContain('Not drawn: 11 of 50 points of train, not finite, the first at step 10');
  });

  test('draws at most 2000 points of 100 000, and loses neither a spike nor the ends', () => {
    const points = Array.from({ length: 100_000 }, (_, i): Point => ({ x: i + 1, y: i === 54_321 ? 9 : 2 + (i % 10) / 10 }));
    const [[drawn]] = curves(draw([{ name: 'train', points }]));
    const [[spike]] = curves(draw([{ name: 'train', points: [points[0], points[54_321], points.at(-1)!] }])) as [
      [{ x: number; y: number }[]],
    ];
    expect(drawn.length).toBeLessThanOrEqual(2000);
    expect(drawn).toContainEqual(spike[1]);
    expect([drawn[0].x, drawn.at(-1)!.x]).toEqual([spike[0].x, spike[2].x]);
  });

  test('is logarithmic where the largest loss is more than 20 times the smallest: equal ratios are equal heights', () => {
    const root = draw([{ name: 'train', points: [100, 10, 1, 0.1].map((y, x) => ({ x, y })) }]);
    const [[points]] = curves(root);
    const drops = [1, 2, 3].map((i) => points[i].y - points[i - 1].y);
    for (const drop of drops) expect(drop).toBeCloseTo(drops[0], 1);
    expect(texts(root)).toEqual(expect.arrayContaining(['0.1', '1', '10', '100', 'loss (nats/token), log scale']));
  });

  test.each([
    ['a zero', [5, 0.001, 0]],
    ['a negative value', [5, -0.001, 1]],
    ['a range of 20', [20, 3, 1]],
  ])('is linear with %s', (_what, ys) => {
    expect(texts(draw([{ name: 'train', points: ys.map((y, x) => ({ x, y })) }])).join()).not.toContain('log scale');
  });

  test.each([
    ['one point', [{ x: 1, y: 4.1234 }], '4.123'],
    ['a constant curve', [1, 2, 3].map((x) => ({ x, y: 0.5772 })), '0.5772'],
    ['zeros', [1, 2, 3].map((x) => ({ x, y: 0 })), '0'],
    ['values of 1e30', [1, 2].map((x) => ({ x, y: x * 1e30 })), '2.000e30'],
    ['values near the smallest number', [1, 2].map((x) => ({ x: x * 5e-324, y: x * 5e-324 })), '9.881e-324'],
    ['values that differ in their last bit', [1, 2].map((x) => ({ x, y: x === 1 ? 1 : 1 + Number.EPSILON })), '1.000'],
    ['values of 1e-9', [1, 2].map((x) => ({ x, y: x * 1e-9 })), '2.000e-9'],
  ])('draws %s inside the frame, with its value and at least two different ticks', (_what, points, value) => {
    const root = draw([{ name: 'train', points }]);
    expect(curves(root).flat(2)).toHaveLength(points.length);
    expect(texts(root)).toContain(value);
    const ticks = all(root, 'text')
      .filter(({ attributes }) => attributes['text-anchor'] === 'end')
      .map(({ text }) => text);
    expect(new Set(ticks).size).toBe(ticks.length);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
  });

  test('has no tick with an SI prefix: 0.05, not 50m', () => {
    for (const scale of [1e-12, 1e-3, 1, 1e3, 1e12]) {
      const linear = draw([
        {
          name: 'train',
          points: [
            { x: 1, y: scale },
            { x: 2, y: 3 * scale },
          ],
        },
      ]);
      const log = draw([
        {
          name: 'train',
          points: [
            { x: 1, y: scale },
            { x: 2, y: 300 * scale },
          ],
        },
      ]);
      for (const root of [linear, log]) {
        const ticks = all(root, 'text').filter(({ attributes }) => attributes['text-anchor'] === 'end');
        for (const { text } of ticks) expect(text).toMatch(/^[\d.]+(e-?\d+)?$/);
      }
    }
  });

  test('has whole steps alone on the x axis of a run of 3 steps', () => {
    const root = draw([{ name: 'train', points: falling.slice(0, 3) }]);
    const steps = all(root, 'text').filter(({ attributes }) => attributes['text-anchor'] === 'middle' && attributes['class'] === 'faint');
    expect(steps.map(({ text }) => text)).toEqual(['1', '2', '3']);
  });

  test('moves end labels apart by at least 14 pixels', () => {
    const series = [1.5, 1.51, 1.52, 1.53].map((y, i) => ({
      name: `run ${i}`,
      points: [
        { x: 1, y: 4 },
        { x: 9, y },
      ],
    }));
    const labels = all(draw(series), 'text').filter(({ attributes }) => attributes['fill'] === 'currentColor');
    const heights = labels.map(({ attributes }) => Number(attributes['y'])).sort((a, b) => a - b);
    expect(heights).toHaveLength(4);
    for (let i = 1; i < 4; i++) expect(heights[i] - heights[i - 1]).toBeGreaterThanOrEqual(14);
  });

  test('gives the same text for the same points', () => {
    const options = { title: 'Loss', xLabel: 'step', yLabel: 'loss', series: [{ name: 'train', points: falling }] };
    expect(lossChart(options)).toBe(lossChart(options));
  });
});

test('spread keeps order, gap and bounds, and moves nothing that already has room', () => {
  expect(spread([10, 50, 90], 14, 0, 100)).toEqual([10, 50, 90]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: -50, max: 150, noNaN: true }), { maxLength: 8 }), (wanted) => {
      const heights = spread(
        wanted.toSorted((a, b) => a - b),
        14,
        0,
        100,
      );
      const gaps = heights.slice(1).map((height, i) => height - heights[i]);
      expect(Math.min(...heights, 0)).toBeGreaterThanOrEqual(-1e-9);
      expect(Math.max(...heights, 0)).toBeLessThanOrEqual(100);
      expect(Math.min(...gaps, 14)).toBeGreaterThanOrEqual(14 - 1e-9);
    }),
  );
});

describe.each(Object.entries(palettes))('the %s palette', (_name, { background, text, faint, series }) => {
  test('has a contrast of at least 4.5 between every text or curve and its background (WCAG 2.2, 1.4.3)', () => {
    for (const color of [text, faint, ...series]) expect(contrast(color, background)).toBeGreaterThanOrEqual(4.5);
  });
});

/** WCAG's (L1 + 0.05) / (L2 + 0.05). */
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
