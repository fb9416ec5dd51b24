// Runs in the page: draws the timeline and the history by uPlot, and lists the steps. A classic script: it is inlined.

const timelineElement = document.getElementById('timeline');
const historyElement = document.getElementById('history');

/** The data is deflated JSON in base64; one column for each fact of the steps. */
async function readData() {
  const bytes = Uint8Array.from(atob(document.getElementById('data').textContent), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const data = await new Response(stream).json();
  const { names, starts, times, rows } = data;
  const all = [...names.keys()];
  return {
    ...data,
    order: all.toSorted((a, b) => starts[a] - starts[b] || rows[a] - rows[b]),
    bySize: all.toSorted((a, b) => times[b] - times[a]),
    workers: Math.max(1, ...rows),
    end: Math.max(data.duration, 0.1),
    chosen: -1,
    shown: 100,
  };
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function time(ms) {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function axis() {
  return { stroke: color('dim'), grid: { stroke: color('line'), width: 1 }, ticks: { stroke: color('line') } };
}

/** The bars of the critical path come last, above the others. */
function drawBars(page, plot) {
  const { ctx, bbox } = plot;
  const names = ['ran', 'restored', 'fresh', 'failed', 'cancelled', 'mark', 'text'];
  const colors = Object.fromEntries(names.map((name) => [name, color(name)]));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const pass of [0, 1]) {
    for (const step of page.order) if (page.critical[step] === pass) drawBar(page, plot, { step, colors });
  }
  ctx.restore();
}

function drawBar({ starts, times, rows, outcomes, critical, chosen, workers }, plot, { step, colors }) {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const height = bbox.height / workers;
  const left = plot.valToPos(starts[step], 'x', true);
  const width = Math.max(scale, plot.valToPos(starts[step] + times[step], 'x', true) - left);
  if (left > bbox.left + bbox.width || left + width < bbox.left) return;
  const top = bbox.top + (rows[step] - 1) * height + scale;
  ctx.fillStyle = colors[outcomes[step]];
  ctx.fillRect(left, top, width, height - 2 * scale);
  if (critical[step] === 0 && step !== chosen) return;
  ctx.lineWidth = (step === chosen ? 3 : 2) * scale;
  ctx.strokeStyle = step === chosen ? colors.text : colors.mark;
  ctx.strokeRect(left + scale, top + scale, Math.max(1, width - 2 * scale), height - 4 * scale);
}

function makeTimeline(page) {
  const { end, workers } = page;
  const rowHeight = workers > 24 ? 10 : 22;
  const range = (_, min, max) => [Math.max(0, min ?? 0), Math.min(end, max ?? end)];
  return new uPlot(
    {
      width: Math.max(200, timelineElement.clientWidth),
      height: Math.min(640, Math.max(120, workers * rowHeight + 50)),
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
      scales: { x: { time: false, range }, y: { range: [0, 1] } },
      axes: [{ ...axis(), values: (_, ticks) => ticks.map(time) }, { show: false }],
      series: [{}, { show: false }],
      hooks: { draw: [(plot) => drawBars(page, plot)] },
    },
    [
      [0, end],
      [0, 1],
    ],
    timelineElement,
  );
}

function makeHistory({ runs }) {
  const numbers = (_, ticks) => ticks.map((at) => (Number.isInteger(at) ? String(at) : ''));
  const value = (_, ms) => (ms === null ? '' : time(ms));
  return new uPlot(
    {
      width: Math.max(200, historyElement.clientWidth),
      height: 200,
      scales: { x: { time: false } },
      axes: [
        { ...axis(), values: numbers },
        { ...axis(), size: 70, values: (_, ticks) => ticks.map(time) },
      ],
      series: [{ label: 'build' }, { label: 'time', stroke: color('ran'), width: 2, points: { show: true }, value }],
    },
    [runs.map((_, at) => at + 1), runs.map(([, duration]) => duration)],
    historyElement,
  );
}

function describe({ names, outcomes, rows, times, starts, critical, slacks, queued, saved, reasons }, step) {
  const parts = [
    `${names[step]}: ${outcomes[step]} on worker ${rows[step]}, ${time(times[step])} from ${time(starts[step])}`,
    critical[step] ? 'on the critical path' : `${time(slacks[step])} slack`,
    queued[step] > 0 ? `waited ${time(queued[step])} for a worker` : '',
    saved[step] > 0 ? `saved ${time(saved[step])}` : '',
    reasons[step],
  ];
  return parts.filter(Boolean).join(' · ');
}

function choose(page, step) {
  page.chosen = step;
  document.getElementById('detail').textContent = describe(page, step);
  const { min, max } = page.timeline.scales.x;
  const start = page.starts[step];
  if (start < min || start > max) zoom(page, start - (max - min) / 2, start + (max - min) / 2);
  else page.timeline.redraw(false);
}

function zoom({ timeline, end }, min, max) {
  timeline.setScale('x', { min: Math.max(0, min), max: Math.min(end, Math.max(max, min + 0.1)) });
}

function zoomBy(page, factor) {
  const { chosen, starts, times, timeline } = page;
  const { min, max } = timeline.scales.x;
  const middle = chosen < 0 ? (min + max) / 2 : starts[chosen] + times[chosen] / 2;
  zoom(page, middle - ((max - min) * factor) / 2, middle + ((max - min) * factor) / 2);
}

/** The step of the row above or below that began nearest. */
function neighbour({ order, rows, starts, chosen, workers }, by) {
  if (chosen < 0) return order[0];
  const row = Math.min(workers, Math.max(1, rows[chosen] + by));
  const far = (step) => Math.abs(starts[step] - starts[chosen]);
  return order.filter((step) => rows[step] === row).reduce((best, step) => (far(step) < far(best) ? step : best));
}

function onKey(page, event) {
  const { order, chosen, end } = page;
  const at = order.indexOf(chosen);
  const actions = {
    ArrowRight: () => choose(page, order[Math.min(order.length - 1, at + 1)]),
    ArrowLeft: () => choose(page, order[Math.max(0, at - 1)]),
    ArrowDown: () => choose(page, neighbour(page, 1)),
    ArrowUp: () => choose(page, neighbour(page, -1)),
    Home: () => choose(page, order[0]),
    End: () => choose(page, order.at(-1)),
    '+': () => zoomBy(page, 0.5),
    '-': () => zoomBy(page, 2),
    0: () => zoom(page, 0, end),
  };
  const action = order.length > 0 ? actions[event.key] : undefined;
  if (action === undefined) return;
  event.preventDefault();
  action();
}

function onClick(page, event) {
  const { timeline, starts, times, rows, workers, order } = page;
  const box = timeline.over.getBoundingClientRect();
  const at = timeline.posToVal(event.clientX - box.left, 'x');
  const row = Math.ceil(((event.clientY - box.top) / box.height) * workers);
  const slop = timeline.posToVal(3, 'x') - timeline.posToVal(0, 'x');
  const isThere = (step) => starts[step] - slop <= at && at <= starts[step] + times[step] + slop;
  const hit = order.findLast((step) => rows[step] === row && isThere(step));
  if (hit !== undefined) choose(page, hit);
}

function list(page) {
  const { bySize, names, outcomes, kinds, reasons, shown } = page;
  const words = document.getElementById('filter').value.toLowerCase();
  const textOf = (step) => `${names[step]} ${outcomes[step]} ${kinds[step]} ${reasons[step]}`.toLowerCase();
  const found = bySize.filter((step) => textOf(step).includes(words));
  document.getElementById('count').textContent = `${found.length} of ${names.length} steps, the slowest first`;
  document.querySelector('#table tbody').replaceChildren(...found.slice(0, shown).map((step) => lineOf(page, step)));
  document.getElementById('more').hidden = found.length <= shown;
}

function lineOf({ names, critical, times, outcomes, slacks, queued, saved, reasons }, step) {
  const name = names[step] + (critical[step] ? ' ●' : '');
  const figures = [slacks, queued, saved].map((column) => time(column[step]));
  const line = document.createElement('tr');
  [name, time(times[step]), outcomes[step], ...figures, reasons[step]].forEach((text, at) => {
    const cell = document.createElement(at === 0 ? 'th' : 'td');
    if (at === 0) cell.scope = 'row';
    cell.textContent = text;
    line.append(cell);
  });
  return line;
}

function redraw(page) {
  const { min, max } = page.timeline.scales.x;
  page.timeline.destroy();
  page.history.destroy();
  page.timeline = makeTimeline(page);
  page.history = makeHistory(page);
  zoom(page, min, max);
}

async function begin() {
  const page = await readData();
  page.timeline = makeTimeline(page);
  page.history = makeHistory(page);
  timelineElement.addEventListener('keydown', (event) => onKey(page, event));
  timelineElement.addEventListener('click', (event) => onClick(page, event));
  document.getElementById('filter').addEventListener('input', () => list(page));
  document.getElementById('more').addEventListener('click', () => {
    page.shown = Infinity;
    list(page);
  });
  list(page);
  let late;
  addEventListener('resize', () => {
    clearTimeout(late);
    late = setTimeout(() => redraw(page), 100);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => redraw(page));
  document.documentElement.dataset.ready = 'yes';
}

begin();
