// What a terminal can show: colour, and characters beyond ASCII.

/** Texts in, texts with colour codes out; or as they came, where colour is off. A Chalk instance is one. */
export interface Painter {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const same = (text: string): string => text;
const plain: Painter = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };

/** Loads chalk only where there is colour to make; chalk's own detection looks at the wrong stream and not at NO_COLOR. */
export async function painter(stream: { readonly isTTY?: boolean }, env: Environment): Promise<Painter> {
  if (!showsColor(stream, env)) return plain;
  const { Chalk } = await import('chalk');
  // The 16 colours of the user's own theme: legible on the user's own background.
  return new Chalk({ level: 1 });
}

/** FORCE_COLOR decides where it is set; else a terminal, not a dumb one, without NO_COLOR. */
function showsColor(stream: { readonly isTTY?: boolean }, env: Environment): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return drawsAnew(stream, env) && !env['NO_COLOR'];
}

/** Whether there is a terminal that can move its cursor. */
export function drawsAnew({ isTTY }: { readonly isTTY?: boolean }, env: Environment): boolean {
  return isTTY === true && env['TERM'] !== 'dumb' && env['TERM'] !== '';
}

/** Whether the locale is UTF-8, as POSIX looks it up (an empty variable is unset); Windows Terminal sets none and is. */
export function speaksUtf8(env: Environment): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale) || env['WT_SESSION'] !== undefined;
}
