// Numbers in messages about data, shown as view/numbers.ts shows them in reports; data imports nothing of view.

/** `1234`, `12 345`: grouped by spaces from five digits on. */
export function grouped(count: number): string {
  const digits = String(count);
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** `1 row`, `2 rows`, `12 345 rows` */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
