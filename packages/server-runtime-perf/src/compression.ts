export { createNegotiator, type Negotiate, type Negotiated } from './lib/accept-encoding.ts';
export { type CompressBodyOptions, compressBody } from './lib/compress-body.ts';
export { CONTENT_ENCODINGS, type ContentEncoding } from './lib/content-encoding.ts';
export { createEventCompressor } from './lib/event-compressor.ts';
export { createReadyBody, type ReadyBody, type ReadyParts } from './lib/ready-body.ts';
export { sendStatic } from './lib/send-static.ts';
export { createStaticBody, type StaticBody, type StaticBodyOptions } from './lib/static-body.ts';
