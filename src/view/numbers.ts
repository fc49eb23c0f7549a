// Numbers as people read them, the same in every report. Plain ASCII: these lines also go to logs and pipes.

/** `1.564`, `12346`, `3.1e-10`: so many significant digits, and never a digit less than stand before the point. */
export function significant(x: number, digits = 4): string {
  if (!Number.isFinite(x)) return String(x);
  if (x === 0) return '0';
  const scientific = x.toExponential(digits - 1);
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1));
  if (exponent < -4 || exponent >= 9) return scientific.replace('e+', 'e');
  return x.toFixed(Math.max(0, digits - 1 - exponent));
}

/** `1234`, `12 345`: whole numbers, grouped by spaces from five digits on. */
export function count(n: number): string {
  const digits = String(Math.round(n));
  return Math.abs(n) < 9999.5 || digits.includes('e') ? digits : digits.replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** A place on an axis, a step or a time: whole numbers as `count` shows them, others to four digits. */
export function position(x: number): string {
  return Number.isInteger(x) ? count(x) : significant(x);
}

/** `1 row`, `12 345 rows`, `2 classes`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `12 ms`, `3.2 s`, `1 min 15 s`, `1 h 2 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown time';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
