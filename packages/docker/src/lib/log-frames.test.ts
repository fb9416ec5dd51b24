import { describe, expect, it } from 'vitest';
import { parseLogFrames } from './log-frames.ts';

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

describe('parseLogFrames', () => {
  it('parts the two streams', () => {
    const log = Buffer.concat([frame(1, 'out 1\n'), frame(2, 'err\n'), frame(1, 'out 2 ✓\n')]);
    expect(parseLogFrames(log)).toEqual({ stdout: 'out 1\nout 2 ✓\n', stderr: 'err\n' });
  });

  it('takes an empty log and a frame that was cut', () => {
    expect(parseLogFrames(Buffer.alloc(0))).toEqual({ stdout: '', stderr: '' });
    expect(parseLogFrames(frame(1, 'whole').subarray(0, 10))).toEqual({ stdout: 'wh', stderr: '' });
  });
});
