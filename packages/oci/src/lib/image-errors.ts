import { OciError, quoted } from './errors.ts';

export function layerTooLarge(digest: string, ratio: number): OciError {
  return new OciError(`Cannot unpack "${digest}": it unpacks to more than ${ratio} times its size`, {
    code: 'LAYER_TOO_LARGE',
    hint: 'Do not use the image: it is made to fill disks.',
    facts: { digest },
  });
}

export function archiveInvalid(file: string, problem: string, cause?: unknown): OciError {
  return new OciError(`Cannot open the image archive "${file}": ${problem}`, {
    code: 'ARCHIVE_INVALID',
    hint: 'Write it again, by `mcpgen build --tar` or `docker save` of Docker 25 or later.',
    facts: { path: file },
    cause,
  });
}

export function storeReadOnly(location: string): OciError {
  return new OciError(`Cannot write to ${location}: it can only be read`, { code: 'WRITE_FAILED' });
}

export function rebaseRefused(image: string, problem: string, hint: string): OciError {
  return new OciError(`Cannot rebase ${quoted(image)}: ${problem}`, {
    code: 'REBASE_REFUSED',
    hint,
    facts: { reference: image },
  });
}
