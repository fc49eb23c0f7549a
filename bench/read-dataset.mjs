// Reads a file as `rnn train` does, and prints how many tokens it holds and what they take at the peak: bytes a token.

import { readDataset } from '../dist/data/dataset/dataset.js';

const before = process.memoryUsage.rss();
const { rows } = await readDataset(process.argv[2], { skipEmpty: true }, { stdin: process.stdin });
const peak = 1024 * process.resourceUsage().maxRSS;
console.log(JSON.stringify({ tokens: rows.tokens.length, bytesPerToken: (peak - before) / rows.tokens.length }));
