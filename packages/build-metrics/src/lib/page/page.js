// Runs in the page: draws the timeline and the history by uPlot, and lists the steps. No module: it is inlined.
(async () => {
  /** The data is deflated JSON in base64. */
  const bytes = Uint8Array.from(atob(document.getElementById('data').textContent), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const data = await new Response(stream).json();
  const { names, starts, times, rows, outcomes, critical, slacks, queued, saved, reasons, kinds } = data;
  const order = [...names.keys()].sort((a, b) => starts[a] - starts[b] || rows[a] - rows[b]);
  const workers = Math.max(1, ...rows);
  const rowHeight = workers > 24 ? 10 : 22;
  let chosen = -1;

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const time = (ms) =>
    ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
  const axis = () => ({
    stroke: color('dim'),
    grid: { stroke: color('line'), width: 1 },
    ticks: { stroke: color('line') },
  });
  const widthOf = (element) => Math.max(200, element.clientWidth);

  /** The bars, in the order in which they are drawn: those of the critical path last, above the others. */
  const drawBars = (plot) => {
    const { ctx, bbox } = plot;
    const scale = devicePixelRatio;
    const height = bbox.height / workers;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    const colors = Object.fromEntries(
      ['ran', 'restored', 'fresh', 'failed', 'cancelled'].map((name) => [name, color(name)]),
    );
    const [mark, text] = [color('mark'), color('text')];
    for (const pass of [0, 1]) {
      for (const step of order) {
        if (critical[step] !== pass) continue;
        const left = plot.valToPos(starts[step], 'x', true);
        const width = Math.max(scale, plot.valToPos(starts[step] + times[step], 'x', true) - left);
        if (left > bbox.left + bbox.width || left + width < bbox.left) continue;
        const top = bbox.top + (rows[step] - 1) * height + scale;
        ctx.fillStyle = colors[outcomes[step]];
        ctx.fillRect(left, top, width, height - 2 * scale);
        if (pass === 1 || step === chosen) {
          ctx.lineWidth = (step === chosen ? 3 : 2) * scale;
          ctx.strokeStyle = step === chosen ? text : mark;
          ctx.strokeRect(left + scale, top + scale, Math.max(1, width - 2 * scale), height - 4 * scale);
        }
      }
    }
    ctx.restore();
  };

  const timelineElement = document.getElementById('timeline');
  const end = Math.max(data.duration, 0.1);
  const makeTimeline = () =>
    new uPlot(
      {
        width: widthOf(timelineElement),
        height: Math.min(640, Math.max(120, workers * rowHeight + 50)),
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
        scales: {
          x: { time: false, range: (_, min, max) => [Math.max(0, min ?? 0), Math.min(end, max ?? end)] },
          y: { range: [0, 1] },
        },
        axes: [{ ...axis(), values: (_, ticks) => ticks.map(time) }, { show: false }],
        series: [{}, { show: false }],
        hooks: { draw: [drawBars] },
      },
      [
        [0, end],
        [0, 1],
      ],
      timelineElement,
    );
  let timeline = makeTimeline();

  const describe = (step) => {
    const parts = [
      `${names[step]}: ${outcomes[step]} on worker ${rows[step]}, ${time(times[step])} from ${time(starts[step])}`,
      critical[step] ? 'on the critical path' : `${time(slacks[step])} slack`,
      queued[step] > 0 ? `waited ${time(queued[step])} for a worker` : '',
      saved[step] > 0 ? `saved ${time(saved[step])}` : '',
      reasons[step],
    ];
    return parts.filter(Boolean).join(' · ');
  };
  const choose = (step) => {
    chosen = step;
    document.getElementById('detail').textContent = describe(step);
    const { min, max } = timeline.scales.x;
    const span = max - min;
    if (starts[step] < min || starts[step] > max) zoom(starts[step] - span / 2, starts[step] + span / 2);
    else timeline.redraw(false);
  };
  const zoom = (min, max) =>
    timeline.setScale('x', { min: Math.max(0, min), max: Math.min(end, Math.max(max, min + 0.1)) });
  const zoomBy = (factor) => {
    const { min, max } = timeline.scales.x;
    const middle = chosen < 0 ? (min + max) / 2 : starts[chosen] + times[chosen] / 2;
    zoom(middle - ((max - min) * factor) / 2, middle + ((max - min) * factor) / 2);
  };
  timelineElement.addEventListener('keydown', (event) => {
    const at = order.indexOf(chosen);
    const inRow = (by) => {
      const candidates = order.filter((step) => rows[step] === Math.min(workers, Math.max(1, rows[chosen] + by)));
      return candidates.reduce(
        (best, step) =>
          Math.abs(starts[step] - starts[chosen]) < Math.abs(starts[best] - starts[chosen]) ? step : best,
        candidates[0],
      );
    };
    const actions = {
      ArrowRight: () => choose(order[Math.min(order.length - 1, at + 1)]),
      ArrowLeft: () => choose(order[Math.max(0, at - 1)]),
      ArrowDown: () => choose(chosen < 0 ? order[0] : inRow(1)),
      ArrowUp: () => choose(chosen < 0 ? order[0] : inRow(-1)),
      Home: () => choose(order[0]),
      End: () => choose(order.at(-1)),
      '+': () => zoomBy(0.5),
      '-': () => zoomBy(2),
      0: () => zoom(0, end),
    };
    const action = order.length > 0 ? actions[event.key] : undefined;
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
  timelineElement.addEventListener('click', (event) => {
    const box = timeline.over.getBoundingClientRect();
    const at = timeline.posToVal(event.clientX - box.left, 'x');
    const row = Math.ceil(((event.clientY - box.top) / box.height) * workers);
    const slop = timeline.posToVal(3, 'x') - timeline.posToVal(0, 'x');
    const hit = order.findLast(
      (step) => rows[step] === row && starts[step] - slop <= at && at <= starts[step] + times[step] + slop,
    );
    if (hit !== undefined) choose(hit);
  });

  const historyElement = document.getElementById('history');
  const makeHistory = () =>
    new uPlot(
      {
        width: widthOf(historyElement),
        height: 200,
        scales: { x: { time: false } },
        axes: [
          { ...axis(), values: (_, ticks) => ticks.map((at) => (Number.isInteger(at) ? String(at) : '')) },
          { ...axis(), size: 70, values: (_, ticks) => ticks.map(time) },
        ],
        series: [
          { label: 'build' },
          {
            label: 'time',
            stroke: color('ran'),
            width: 2,
            points: { show: true },
            value: (_, ms) => (ms === null ? '' : time(ms)),
          },
        ],
      },
      [data.runs.map((_, at) => at + 1), data.runs.map(([, duration]) => duration)],
      historyElement,
    );
  let history = makeHistory();

  const body = document.querySelector('#table tbody');
  const more = document.getElementById('more');
  const bySize = [...names.keys()].sort((a, b) => times[b] - times[a]);
  let shown = 100;
  const list = () => {
    const words = document.getElementById('filter').value.toLowerCase();
    const found = bySize.filter((step) =>
      `${names[step]} ${outcomes[step]} ${kinds[step]} ${reasons[step]}`.toLowerCase().includes(words),
    );
    document.getElementById('count').textContent = `${found.length} of ${names.length} steps, the slowest first`;
    const lines = found.slice(0, shown).map((step) => {
      const line = document.createElement('tr');
      const cells = [
        names[step] + (critical[step] ? ' ●' : ''),
        time(times[step]),
        outcomes[step],
        time(slacks[step]),
        time(queued[step]),
        time(saved[step]),
        reasons[step],
      ];
      cells.forEach((text, at) => {
        const cell = document.createElement(at === 0 ? 'th' : 'td');
        if (at === 0) cell.scope = 'row';
        cell.textContent = text;
        line.append(cell);
      });
      return line;
    });
    body.replaceChildren(...lines);
    more.hidden = found.length <= shown;
  };
  document.getElementById('filter').addEventListener('input', list);
  more.addEventListener('click', () => {
    shown = Infinity;
    list();
  });
  list();

  const redraw = () => {
    const { min, max } = timeline.scales.x;
    timeline.destroy();
    history.destroy();
    [timeline, history] = [makeTimeline(), makeHistory()];
    zoom(min, max);
  };
  let late;
  addEventListener('resize', () => {
    clearTimeout(late);
    late = setTimeout(redraw, 100);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  document.documentElement.dataset.ready = 'yes';
})();
