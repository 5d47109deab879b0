// The same over stdio, in the era that the file ERA says when it starts. It ends when that says another.
import fs from 'node:fs';
import readline from 'node:readline';
import { answer } from './echoing-server.mjs';

const now = () => fs.readFileSync(process.env.ERA, 'utf8');
const era = now();
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  if (now() !== era) process.exit(0);
  const told = answer(line, era);
  if (told) process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...told })}\n`);
}).on('close', () => process.exit(0));
