// Writes the figures into docs/performance.md, between two marks; the text around them is written by people.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './candidates.mjs';
import { pairings } from './cases.mjs';

const begin = '<!-- figures: written by make bench -->';
const end = '<!-- end of figures -->';

const round = (value) => (value >= 100 ? Math.round(value) : Math.round(value * 10) / 10);

function caseTable(cases) {
  const lines = [
    '| case | | calls/s | CPU us/call | against nginx | p50 us | p99 us |',
    '|---|---|---:|---:|---:|---:|---:|',
  ];
  for (const [name, candidates] of Object.entries(cases)) {
    for (const [candidate, { rps, cpu, p50, p99 }] of Object.entries(candidates)) {
      const ratio = candidates.nginx ? (cpu / candidates.nginx.cpu).toFixed(2) : '';
      const cells = [name, candidate, rps, round(cpu), ratio, p50, p99];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return lines.join('\n');
}

const instructionTable = (instructions) =>
  ['| | user instructions per call |', '|---|---:|', ...Object.entries(instructions).map((row) => `| ${row.join(' | ')} |`)].join(
    '\n',
  );

// What was aimed at, and what came out.
function targets({ cases, streams, instructions }) {
  const rows = [];
  const row = (what, target, measured, isMet) =>
    rows.push(`| ${what} | ${target} | ${measured} | ${isMet ? 'met' : '**missed**'} |`);
  const against = (name, figure) => cases[name] && cases[name].bascule[figure] / cases[name].nginx[figure];
  for (const name of ['tools/call, 300 B', 'tools/call, 64 KiB', 'tools/list, 1000 tools']) {
    const ratio = against(name, 'cpu');
    if (ratio) row(`CPU of ${name}`, 'at most nginx’s', `${ratio.toFixed(2)} times`, ratio <= 1);
  }
  const late = against('tools/call at 2000 per s', 'p99');
  if (late) row('p99 at 2000 calls/s', 'at most 1.5 times nginx’s', `${late.toFixed(2)} times`, late <= 1.5);
  const [base, ...others] = Object.keys(pairings);
  if (instructions) row('user instructions per call', 'at most 20 000', instructions[base], instructions[base] <= 20_000);
  for (const name of others) {
    if (!cases[name] || !cases[base]) continue;
    const most = pairings[name][0] === pairings[name][1] ? 1.15 : 1.3;
    const ratio = cases[name].bascule.cpu / cases[base].bascule.cpu;
    row(`CPU, ${name}`, `at most ${most} times that of both with sessions`, `${ratio.toFixed(2)} times`, ratio <= most);
  }
  if (streams) {
    row('memory of an idle stream', 'at most 4096 B', `${Math.round(streams.bytes)} B`, streams.bytes <= 4096);
    const { milliseconds } = streams;
    row('list_changed to 10 000 streams', 'at most 150 ms', `${milliseconds} ms`, milliseconds <= 150);
  }
  return ['| what | target | measured | |', '|---|---|---|---|', ...rows].join('\n');
}

export function writePage(results) {
  const file = path.join(root, 'docs/performance.md');
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : `# Performance\n\n${begin}\n${end}\n`;
  const [head, rest] = text.split(begin);
  const tail = rest.split(end)[1];
  const figures = `
Measured on ${results.date}, ${results.machine}; medians of ${results.repetitions}.

${targets(results)}

${caseTable(results.cases)}

${results.instructions ? instructionTable(results.instructions) : ''}
`;
  fs.writeFileSync(file, `${head}${begin}\n${figures}\n${end}${tail}`);
}
