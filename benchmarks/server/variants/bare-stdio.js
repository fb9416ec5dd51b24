// The ceiling over stdio: a loop over lines, one write for each chunk that was read.
import { answer } from './bare-answer.js';

let rest = '';

process.stdin.setEncoding('utf8').on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  let output = '';
  for (const line of lines) {
    const message = JSON.parse(line);
    output += `${JSON.stringify(answer(message))}\n`;
  }
  if (output !== '') process.stdout.write(output);
});
