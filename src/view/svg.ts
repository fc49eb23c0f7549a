// SVG elements as text. Everything that goes in is escaped here and nowhere else.
import { displayWidth, printable, shorten } from './display-width.ts';

export type Attributes = Readonly<Record<string, string | number>>;

/** An element; `content` is elements, or text that went through `escapeXml`. Numbers are rounded to a hundredth. */
export function tag(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? hundredths(value) : escapeXml(value)}"`,
  );
  const start = `<${name}${written.join('')}`;
  return content.length === 0 ? `${start}/>` : `${start}>${content.join('')}</${name}>`;
}

/** Valid in XML 1.0 as text and as an attribute, whatever goes in. */
export function escapeXml(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\ufffe\uffff]/g, '\ufffd');
}

/** A guess from above at the width of a text: fonts are known only where the chart is shown. DejaVu Sans, a wide one, sets the factor. */
export function textWidth(text: string, size: number): number {
  return displayWidth(text) * size * widthOfCharacter;
}

/** The text, or its beginning and `…`, in at most `width` pixels by the guess of `textWidth`. */
export function shortenTo(text: string, width: number, size: number): string {
  return shorten(printable(text), Math.max(1, Math.floor(width / (size * widthOfCharacter))));
}

const widthOfCharacter = 0.62;

function hundredths(value: number): string {
  return String(Math.round(value * 100) / 100);
}
