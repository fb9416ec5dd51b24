export { type EventRecorder, eventRecorder } from './lib/event-recorder.ts';
export { type FakeClock, fakeClock } from './lib/fake-clock.ts';
export { type TemporaryDirectory, temporaryDirectory } from './lib/temporary-directory.ts';
export { type Tree, writeTree } from './lib/write-tree.ts';
