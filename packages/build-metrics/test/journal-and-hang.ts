// Run as a process of its own by the tests, which kill it in the middle of a step that lets nothing else run.
import { createRecorder, openJournal } from '../src/index.ts';

const [directory = ''] = process.argv.slice(2);
const facts = { id: 'killed', name: 'site', started: 1_795_000_000_000, concurrency: 2, labels: { branch: 'main' } };
const recorder = createRecorder({ now: () => performance.now(), journal: openJournal(directory, facts) });
const page = recorder.start('page:home', { needs: ['template'] });
recorder.end(recorder.start('compress', { parent: page }), { bytes: 2048 });
recorder.end(page, { reason: 'home.md changed' });
await new Promise((resolve) => setTimeout(resolve, 250));
recorder.start('sitemap', { needs: ['page:home'] });
process.stdout.write('in the middle');
for (;;);
