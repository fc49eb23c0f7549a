// Writes the option tables of the commands into README.md, between its markers. A test holds the two together.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const START = '<!-- commands -->\n';
const END = '<!-- /commands -->';

/** The tables as Markdown. */
export async function optionTables() {
  const { commands } = await import('../dist/cli.js');
  const { flagOf, groups } = await import('../dist/commands/command.js');
  const { sentence } = await import('../dist/commands/program.js');
  const sections = [];
  for (const [name, { load }] of Object.entries(commands)) {
    const { summary, positionals = [], options } = await load();
    const rows = groups.flatMap((group) =>
      Object.entries(options)
        .filter(([, spec]) => spec.group === group)
        .map(([key, spec]) => {
          const argument = spec.argument ? ` ${spec.argument.replaceAll('|', '\\|')}` : '';
          return `| ${group} | \`${flagOf(key)}${argument}\` | ${sentence(spec).replaceAll('|', '\\|')} |`;
        }),
    );
    sections.push(
      `### rnn ${name}${positionals.map((operand) => (operand.required ? ` ${operand.name}` : ` [${operand.name}]`)).join('')}\n\n${summary}\n\n| | option | |\n|---|---|---|\n${rows.join('\n')}\n`,
    );
  }
  return sections.join('\n');
}

/** README.md with the tables as they should be. */
export async function readmeWithTables() {
  const text = readFileSync(readme, 'utf8');
  const from = text.indexOf(START) + START.length;
  return `${text.slice(0, from)}\n${await optionTables()}\n${text.slice(text.indexOf(END))}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(readme, await readmeWithTables());
