// The look of a chart, for light and dark pages. Rules name the chart's class, since an SVG inlined in a page shares its styles.

/** Okabe and Ito's colour-blind-safe hues (jfly.uni-koeln.de/color), made darker on white and lighter on black until text in them has a contrast of 4.5. */
const light = {
  background: '#ffffff',
  text: '#24292f',
  faint: '#59636e',
  grid: '#d9dfe5',
  series: ['#0072b2', '#b84a00', '#007a5a', '#a8457e', '#5c6670'],
};
const dark = {
  background: '#14181d',
  text: '#e6edf3',
  faint: '#9aa5b1',
  grid: '#313943',
  series: ['#56b4e9', '#ff9a4d', '#2fc79a', '#e79ac6', '#b5bcc4'],
};
export const palettes = { light, dark } as const;

export const chartClass = 'rnn-chart';
export const fontSize = 12;
export const titleSize = 16;

const fonts = `system-ui,-apple-system,'Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif`;

/** Once round the colours, lines go on dashed. */
export function seriesStyle(index: number): { readonly class: string; readonly dashed: boolean } {
  return { class: `series-${index % light.series.length}`, dashed: index >= light.series.length };
}

export function styleSheet(): string {
  const shared = `.${chartClass}{font-family:${fonts};font-size:${fontSize}px}.${chartClass} .title{font-size:${titleSize}px;font-weight:600}`;
  return `${shared}${colors(light)}@media(prefers-color-scheme:dark){${colors(dark)}}`;
}

function colors({ background, text, faint, grid, series }: typeof light): string {
  const rules = [
    `.background{fill:${background}}`,
    `.text{fill:${text}}`,
    `.faint{fill:${faint}}`,
    `.grid{stroke:${grid}}`,
    `.axis{stroke:${faint}}`,
  ];
  rules.push(...series.map((color, index) => `.series-${index}{color:${color}}`));
  return rules.map((rule) => `.${chartClass} ${rule}`).join('');
}
