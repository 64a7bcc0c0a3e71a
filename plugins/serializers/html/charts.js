
// ---- charts that answer: what stands at a time, any stretch of time, any of the series. Numbers are those of the page's tables; the picture
// that came stays until a reader asks for another stretch or fewer series, and there is no other one without scripts.

const SVG = 'http://www.w3.org/2000/svg';
const draw = (parent, name, attributes, text) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
};
const pathOf = (points) => points.map(([x, y], i) => (i ? 'L' : 'M') + x.toFixed(2) + ' ' + y.toFixed(2)).join('');
const bound = (value, low, high) => Math.max(low, Math.min(high, value));
const minute = 60 * second, hour = 60 * minute, day = 24 * hour;
const stretches = [1, 2, 5, 10, 15, 30].flatMap((n) => [n * second, n * minute]).concat([1, 2, 3, 6, 12].map((n) => n * hour), [1, 2, 7, 14, 28, 91, 365, 1826].map((n) => n * day)).sort((a, b) => a - b);
const clock = (ms) => new Date(ms).toISOString().replace('T', ' ').replace(/(:00)?\.000Z/, '').replace(/Z$/, '') + ' UTC';

// At 1, 2 or 5 times a power of ten, and how such a number is written.
function numberTicks([low, high], most) {
  const least = (high - low) / most, power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((n) => n * power).find((each) => each >= least * 0.999);
  const large = Math.max(-low, high) >= 1e6;
  const format = new Intl.NumberFormat('en', large ? {notation: 'compact', maximumSignificantDigits: 4} :
    {minimumFractionDigits: bound(-Math.floor(Math.log10(step * 1.001)), 0, 15), maximumFractionDigits: bound(-Math.floor(Math.log10(step * 1.001)), 0, 15)});
  const ticks = [];
  for (let n = Math.ceil(low / step); n * step <= high; n += 1) ticks.push([n * step, format.format(n * step).replace('-', '\u2212')]);
  return ticks;
}

const charts = new Map();  // by their <figure>

function Chart(figure) {
  const look = {from: NaN, to: NaN, at: null, hidden: new Set()};
  let about, rows = null, isDirty = true, seen;
  const shown = () => [...figure.querySelectorAll('svg')].find((each) => each.getBoundingClientRect().width > 0);

  // Rows of the page's table as {x, text: {field: as it is shown}, value: {field: number}}, read when first asked for.
  function read() {
    if (!isDirty) return;
    isDirty = false;
    const table = document.querySelector('table[data-table="' + CSS.escape(about.table) + '"]');
    rows = [];
    if (!table) return;
    const places = new Map([...table.tHead.rows[0].cells].map((head, place) => [head.dataset.field, place]));
    const fields = about.panes.flatMap((pane) => pane.series.flatMap((series) => series.fields));
    for (const row of tables.get(table)?.rows ?? rowsOf(table)) {
      const time = row.cells[places.get(about.field)]?.querySelector('time');
      if (!time) continue;
      const entry = {x: Date.parse(time.dateTime), text: {}, value: {}};
      for (const field of fields) {
        const cell = row.cells[places.get(field)];
        const isNone = !cell || cell.className === 'none';
        entry.text[field] = isNone ? '\u2013' : cell.textContent;
        entry.value[field] = isNone ? NaN : Number(exact(cell));
      }
      rows.push(entry);
    }
    rows.sort((a, b) => a.x - b.x);
    const steps = rows.slice(1).map((row, i) => row.x - rows[i].x).sort((a, b) => a - b);
    rows.step = steps[steps.length >> 1] || about.to - about.from;
  }
  const isWhole = () => look.from <= about.from && look.to >= about.to && look.hidden.size === 0;
  const seenRows = () => rows.filter((row) => row.x >= look.from && row.x <= look.to);

  // ---- another stretch of time
  function view(from, to) {
    read();
    const least = Math.min(5 * rows.step, about.to - about.from), most = about.to - about.from;
    const length = bound(to - from, least, most);
    const start = bound((from + to - length) / 2, about.from, about.to - length);
    if (start === look.from && start + length === look.to) return false;
    Object.assign(look, {from: start, to: start + length});
    show();
    return true;
  }
  const zoom = (factor, middle = (look.from + look.to) / 2) =>
    view(middle - (middle - look.from) / factor, middle + (look.to - middle) / factor);
  const pan = (part) => view(look.from + part * (look.to - look.from), look.to + part * (look.to - look.from));
  const reset = () => view(about.from, about.to);

  // ---- drawing
  function rangeOf(pane, visible, some) {
    let low = Infinity, high = -Infinity;
    const add = (value) => Number.isFinite(value) && (low = Math.min(low, value), high = Math.max(high, value));
    for (const series of visible) for (const row of some) series.fields.forEach((field) => add(row.value[field]));
    if (visible.some((series) => series.mark === 'bars')) add(0);
    pane.levels.forEach(add);
    if (!(low <= high)) return [0, 1];
    const air = (high - low || Math.abs(high) || 1) * 0.06;
    const range = [low === 0 ? 0 : low - air, high === 0 ? 0 : high + air];
    return pane.range ? [Math.min(pane.range[0], low), Math.max(pane.range[1], high)] : range;
  }
  // Rows that would stand closer than three pixels share a mark.
  function shared(some, width) {
    const each = Math.ceil(3 * (look.to - look.from) / rows.step / width);
    const parts = new Map();
    for (const row of some) {
      const key = Math.floor((row.x - rows[0].x) / rows.step / each + 1e-6);
      if (!parts.has(key)) parts.set(key, []);
      parts.get(key).push(row);
    }
    return [...parts.values()];
  }
  function marks(to, series, some, x, y, width) {
    const [first, second, third, last] = series.fields;
    const of = (row, field) => row.value[field];
    const wide = Math.max(1, Math.min(23, 0.76 * rows.step * width / (look.to - look.from)));
    const fill = (ink, d, opacity) => d && draw(to, 'path', {class: ink, fill: 'currentColor', 'fill-opacity': opacity, d});
    const line = (points) => draw(to, 'path', {class: series.ink, stroke: 'currentColor', 'stroke-width': series.mark === 'band' ? 1 : 1.5, fill: 'none', 'stroke-linejoin': 'round', d: points.map(pathOf).join('')});
    // Stretches without a missing row or value.
    const runs = (fields) => {
      const out = [];
      let before = null;
      for (const row of some) {
        if (fields.some((field) => Number.isNaN(of(row, field)))) { before = null; continue; }
        if (!before || row.x - before.x > 1.5 * rows.step) out.push([]);
        out.at(-1).push(row);
        before = row;
      }
      return out;
    };
    if (series.mark === 'line') {
      line(runs([first]).map((run) => run.map((row) => [x(row.x), y(of(row, first))])));
    } else if (series.mark === 'band') {
      for (const run of runs([first, second])) {
        const edges = [first, second].map((field) => run.map((row) => [x(row.x), y(of(row, field))]));
        fill(series.ink, pathOf([...edges[0], ...edges[1].reverse()]) + 'z', 0.09);
        line(edges);
      }
    } else if (series.mark === 'dots') {
      draw(to, 'path', {class: series.ink, stroke: 'currentColor', 'stroke-width': 5, 'stroke-linecap': 'round', d: some.filter((row) => Number.isFinite(of(row, first))).map((row) => 'M' + x(row.x).toFixed(2) + ' ' + y(of(row, first)).toFixed(2) + 'h0').join('')});
    } else {
      const paths = {'ink-up': '', 'ink-down': '', [series.ink]: '', hollow: ''};
      const box = (ink, left, top, w, h) => { paths[ink] += `M${left.toFixed(2)} ${top.toFixed(2)}h${w.toFixed(2)}v${Math.max(h, 1).toFixed(2)}h${(-w).toFixed(2)}z`; };
      const candle = about.panes.flatMap((pane) => pane.series).find((each) => each.mark === 'candles');
      const rises = (part, open, close) => of(part.at(-1), close) >= of(part[0], open);
      for (const part of shared(some.filter((row) => Number.isFinite(of(row, first))), width)) {
        const at = x((part[0].x + part.at(-1).x) / 2), w = Math.max(wide, 2), left = at - w / 2;
        if (series.mark === 'bars') {
          const values = part.map((row) => of(row, first));
          const value = series.sums ? values.reduce((a, b) => a + b) : values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
          const up = series.sums ? candle && rises(part, candle.fields[0], candle.fields[3]) : value >= 0;
          const ink = series.sums || series.signed ? (up ? 'ink-up' : 'ink-down') : series.ink;
          box(ink, left, Math.min(y(0), y(value)), w, Math.abs(y(value) - y(0)));
        } else {
          const ink = rises(part, first, last) ? 'ink-up' : 'ink-down';
          const [a, b] = [of(part[0], first), of(part.at(-1), last)].map(y).sort((p, q) => p - q);
          box(ink, at - 0.5, y(Math.max(...part.map((row) => of(row, second)))), 1, a - y(Math.max(...part.map((row) => of(row, second)))));
          box(ink, at - 0.5, b, 1, y(Math.min(...part.map((row) => of(row, third)))) - b);
          box(ink, left, a, w, b - a);
          if (ink === 'ink-up' && w > 3) box('hollow', left + 1, a + 1, w - 2, b - a - 2);
        }
      }
      for (const [ink, d] of Object.entries(paths)) fill(ink === 'hollow' ? 'ink-background' : ink, d, 1);
    }
  }
  function redraw(svg, layer) {
    const model = JSON.parse(svg.dataset.chart), some = seenRows();
    const near = rows.filter((row) => row.x >= look.from - rows.step && row.x <= look.to + rows.step);
    const size = svg.querySelector('text')?.getAttribute('font-size') ?? 11;
    const [left, right] = model.panes[0].x;
    const x = (ms) => left + (ms - look.from) / (look.to - look.from) * (right - left);
    const [, , , height] = svg.getAttribute('viewBox').split(' ').map(Number);
    const label = (px, py, anchor, text, ink = 'ink-muted', bold) => draw(layer, 'text', {class: ink, fill: 'currentColor', x: px.toFixed(2), y: py.toFixed(2), 'font-size': size, 'text-anchor': anchor, ...(bold && {'font-weight': 600})}, text);
    const hair = (d, ink) => draw(layer, 'path', {class: ink, stroke: 'currentColor', fill: 'none', d});
    const most = Math.max(2, Math.floor((right - left) / 80));
    const step = stretches.find((each) => (look.to - look.from) / each <= most) ?? 3652 * day;
    const times = [];
    for (let ms = Math.ceil(look.from / step) * step; ms <= look.to; ms += step) times.push(ms);
    model.panes.forEach((pane, place) => {
      const [top, bottom] = pane.y;
      const visible = pane.series.filter((series) => !look.hidden.has(series.label + place));
      let range = rangeOf(pane, visible, some);
      for (const series of visible) {
        if (!series.sums) continue;
        const sums = shared(some, right - left).map((part) => part.reduce((sum, row) => sum + (row.value[series.fields[0]] || 0), 0));
        range = [range[0], Math.max(range[1], 1.06 * Math.max(0, ...sums))];
      }
      const y = (value) => bottom - (value - range[0]) / (range[1] - range[0]) * (bottom - top);
      const lines = numberTicks(range, Math.max(2, (bottom - top) / 45));
      hair(lines.map(([value]) => `M${left} ${y(value).toFixed(2)}H${right}`).join('') + times.map((ms) => `M${x(ms).toFixed(2)} ${top}V${bottom}`).join(''), 'ink-grid');
      pane.levels.forEach((level) => hair(`M${left} ${y(level).toFixed(2)}H${right}`, 'ink-muted').setAttribute('stroke-dasharray', '4 3'));
      const id = svg.querySelector('title').id + '-' + place;
      draw(draw(layer, 'clipPath', {id}), 'rect', {x: left, y: top, width: right - left, height: bottom - top});
      const inside = draw(layer, 'g', {'clip-path': `url(#${id})`});
      visible.forEach((series) => marks(inside, series, near, x, y, right - left));
      hair(`M${left} ${top}H${right}V${bottom}H${left}z`, 'ink-frame');
      lines.forEach(([value, text]) => label(right + 6, y(value) + 0.365 * size, 'start', text));
      label(left, top - 0.5 * size, 'start', pane.title, 'ink-text', true);
    });
    const below = model.panes.at(-1).y[1] + 1.25 * size;
    let free = left - size;
    for (const ms of times) {
      const text = ms % day ? clock(ms).slice(11, -4) : clock(ms).slice(5, 10);
      if (x(ms) - 3 * size < free || x(ms) + 2 * size > right + 4 * size) continue;
      label(x(ms), below, 'middle', text);
      free = x(ms) + 2 * size;
    }
    if (below + 1.45 * size < height) label(left, below + 1.45 * size, 'start', clock(look.from) + ' \u2013 ' + clock(look.to), 'ink-text');
  }

  // ---- the readout
  const nearest = (ms) => {
    const some = seenRows();
    return some.reduce((best, row) => (best === null || Math.abs(row.x - ms) < Math.abs(best.x - ms) ? row : best), null);
  };
  function readout() {
    if (look.at === null) return '';
    const row = nearest(look.at);
    if (!row || Math.abs(row.x - look.at) > rows.step) return clock(look.at) + ': no data';
    const words = about.panes.flatMap((pane, place) => pane.series.filter((series) => !look.hidden.has(series.label + place)).map((series) => {
      const texts = series.fields.map((field) => row.text[field]);
      return series.mark === 'candles' ? texts.map((text, i) => 'OHLC'[i] + '\u00a0' + text).join(' ') : series.label + '\u00a0' + texts.join('\u00a0\u2013\u00a0');
    }));
    return clock(row.x) + ': ' + words.join(', ');
  }
  let waiting = 0;
  function show() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      const svg = shown();
      if (!svg) return;
      figure.querySelectorAll('.live').forEach((each) => each.remove());
      const layer = draw(svg, 'g', {class: isWhole() ? 'live' : 'live whole'});
      made.add(layer);
      if (!isWhole()) redraw(svg, layer);
      const row = look.at === null ? null : nearest(look.at);
      const at = row && Math.abs(row.x - look.at) <= rows.step ? row.x : look.at;
      if (look.at !== null) {
        const [left, right] = JSON.parse(svg.dataset.chart).panes[0].x;
        const x = left + (at - look.from) / (look.to - look.from) * (right - left);
        const d = JSON.parse(svg.dataset.chart).panes.map((pane) => `M${x.toFixed(2)} ${pane.y[0]}V${pane.y[1]}`).join('');
        draw(layer, 'path', {class: 'ink-text cross', stroke: 'currentColor', d});
      }
      out.textContent = readout();
      const some = seenRows();
      Object.assign(slider, {min: 0, max: Math.max(0, some.length - 1), value: row ? some.indexOf(row) : some.length - 1});
      slider.setAttribute('aria-valuetext', out.textContent || clock(look.from) + ' to ' + clock(look.to));
      resetting.disabled = isWhole();
    });
  }

  // ---- hands and keys
  const timeAt = (event, svg = shown()) => {
    const box = svg.getBoundingClientRect(), [, , width] = svg.getAttribute('viewBox').split(' ').map(Number);
    const [left, right] = JSON.parse(svg.dataset.chart).panes[0].x;
    const part = ((event.clientX - box.left) / box.width * width - left) / (right - left);
    return look.from + bound(part, 0, 1) * (look.to - look.from);
  };
  const point = (ms) => { look.at = ms; show(); };
  const fingers = new Map();
  let held = null;
  const isOurs = (event) => event.target.closest('svg')?.dataset.chart;
  const hold = () => {
    const all = [...fingers.values()];
    held = {from: look.from, to: look.to, all: all.map((each) => ({...each})), ms: all.map((each) => timeAt(each))};
  };
  function press(event) {
    if (!isOurs(event) || event.button !== 0) return;
    read();
    slider.focus({preventScroll: true});
    if (event.pointerType === 'mouse') event.preventDefault();
    event.target.closest('svg').setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, {clientX: event.clientX});
    hold();
    point(timeAt(event));
  }
  function move(event) {
    if (!fingers.has(event.pointerId)) {
      if (isOurs(event) && event.pointerType !== 'touch') { read(); point(timeAt(event)); }
      return;
    }
    fingers.set(event.pointerId, {clientX: event.clientX});
    const svg = shown(), [left, right] = JSON.parse(svg.dataset.chart).panes[0].x;
    const [, , width] = svg.getAttribute('viewBox').split(' ').map(Number);
    const pixels = svg.getBoundingClientRect().width * (right - left) / width;
    const all = [...fingers.values()].map((each) => each.clientX);
    const middle = (list) => list.reduce((a, b) => a + b, 0) / list.length;
    const before = held.all.map((each) => each.clientX);
    const length = held.to - held.from;
    if (all.length > 1) {  // the times under both fingers stay under them
      const factor = Math.max(1, Math.abs(all[0] - all[1])) / Math.max(1, Math.abs(before[0] - before[1]));
      const anchor = middle(held.ms), part = (anchor - held.from) / length - 0;
      const start = anchor - part * length / factor - (middle(all) - middle(before)) / pixels * length / factor;
      view(start, start + length / factor);
    } else if (held.to - held.from < about.to - about.from) {
      const by = (before[0] - all[0]) / pixels * length;
      view(held.from + by, held.to + by);
      point(timeAt(event));
    } else {
      point(timeAt(event));
    }
  }
  function lift(event) {
    if (!fingers.delete(event.pointerId)) return;
    if (event.type === 'pointercancel') { look.at = null; show(); }
    if (fingers.size > 0) hold();
  }
  // Ctrl (and so a pinch on a touch pad) zooms; a plain wheel does while the chart has the keys, and is the page's else.
  function wheel(event) {
    if (!isOurs(event)) return;
    read();
    const scale = [1, 32, 120][event.deltaMode];
    const dx = event.deltaX * scale, dy = event.deltaY * scale;
    const across = event.shiftKey ? dy || dx : Math.abs(dx) > Math.abs(dy) ? dx : 0;
    let acted = false;
    if (across) {
      acted = pan(across / 100 * 0.1);
    } else if (event.ctrlKey || event.metaKey || document.activeElement === slider) {
      const gain = event.ctrlKey && Math.abs(dy) < 20 ? 5 : 1;
      acted = zoom(1 - Math.sign(dy) * Math.min(1, Math.abs(dy) * gain / 100) * 0.1, timeAt(event));
    }
    if (acted) event.preventDefault();
  }
  const keysOf = {
    '+': () => zoom(1.25, look.at ?? undefined), '=': () => zoom(1.25, look.at ?? undefined), '-': () => zoom(0.8, look.at ?? undefined), 0: reset,
    Escape: () => { look.at = null; slider.blur(); show(); },
  };
  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    read();
    const some = seenRows(), now = look.at === null ? some.length - 1 : some.indexOf(nearest(look.at));
    const by = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: Math.ceil(some.length / 10), PageDown: -Math.ceil(some.length / 10)}[event.key];
    if (keysOf[event.key]) {
      keysOf[event.key]();
    } else if (by && event.shiftKey) {
      pan(Math.sign(by) * 0.1);
    } else if (by) {
      // The view follows the cursor.
      const row = rows[bound(rows.indexOf(some[bound(now, 0, some.length - 1)]) + (look.at === null ? 0 : by), 0, rows.length - 1)];
      if (!row) return;
      if (row.x < look.from || row.x > look.to) pan((row.x - (by > 0 ? look.to : look.from)) / (look.to - look.from) + Math.sign(by) * 0.02);
      point(row.x);
    } else if (event.key === 'Home' || event.key === 'End') {
      if (some.length) point(some.at(event.key === 'Home' ? 0 : -1).x);
    } else {
      return;
    }
    event.preventDefault();
  }

  // ---- the buttons: each gesture has one
  const button = (text, ariaLabel, action) => {
    const each = make('button', {type: 'button', textContent: text, ariaLabel, title: ariaLabel});
    each.addEventListener('click', () => { read(); action(); });
    return each;
  };
  const slider = make('input', {type: 'range', ariaLabel: 'Position in time'});
  slider.addEventListener('keydown', key);
  slider.addEventListener('input', () => { read(); const row = seenRows()[slider.value]; if (row) point(row.x); });
  const resetting = button('Reset', 'All of the time', () => { look.hidden.clear(); names(); reset(); show(); });
  const out = make('output', {ariaLive: 'off'});
  const legend = make('span', {className: 'names'});
  function names() {
    legend.replaceChildren(...about.panes.flatMap((pane, place) => pane.series.length + about.panes.length < 3 ? [] : pane.series.map((series) => {
      const name = series.label + place, each = make('button', {type: 'button', title: 'Show or hide', ariaPressed: String(!look.hidden.has(name))}, make('span', {className: series.mark === 'candles' || series.sums || series.signed ? 'ink-up' : series.ink, textContent: '\u25a0 ', ariaHidden: 'true'}), series.label);
      each.addEventListener('click', () => {
        read();
        look.hidden.delete(name) || look.hidden.add(name);
        each.ariaPressed = String(!look.hidden.has(name));
        show();
      });
      return each;
    })));
  }
  const tools = make('div', {className: 'answering'}, button('\u2212', 'Zoom out', () => zoom(0.5)), button('+', 'Zoom in', () => zoom(2)), button('\u2190', 'Earlier', () => pan(-0.5)), button('\u2192', 'Later', () => pan(0.5)), resetting, slider, legend, out);
  made.add(tools);
  figure.prepend(tools);
  figure.addEventListener('pointerdown', press);
  figure.addEventListener('pointermove', move);
  for (const type of ['pointerup', 'pointercancel']) figure.addEventListener(type, lift);
  figure.addEventListener('pointerleave', (event) => { if (event.pointerType === 'mouse' && document.activeElement !== slider && look.at !== null) point(null); });
  figure.addEventListener('dblclick', (event) => { if (isOurs(event)) { read(); reset(); } });
  figure.addEventListener('wheel', wheel, {passive: false});

  // After the page has changed: the whole stays the whole; a part moves on only if it shows the newest.
  this.refresh = () => {
    const model = figure.querySelector('svg[data-chart]')?.dataset.chart;
    if (!model) return;
    const next = JSON.parse(model), first = !about;
    const wasWhole = first || (look.from <= about.from && look.to >= about.to);
    const moved = !first && look.to >= about.to ? next.to - about.to : 0;
    about = next;
    isDirty = true;
    const untouched = first || (wasWhole && look.at === null && look.hidden.size === 0);
    if (wasWhole) Object.assign(look, {from: about.from, to: about.to});
    else Object.assign(look, {from: look.from + moved, to: look.to + moved});
    if (JSON.stringify(about.panes.map((pane) => pane.series.map((series) => series.label))) !== seen) names();
    seen = JSON.stringify(about.panes.map((pane) => pane.series.map((series) => series.label)));
    if (untouched) {
      slider.setAttribute('aria-valuetext', clock(look.from) + ' to ' + clock(look.to));
      resetting.disabled = true;
    } else {
      read();
      show();
    }
  };
  this.refresh();
  addEventListener('resize', () => { if (look.at !== null || !isWhole()) { read(); show(); } });
}

function addCharts() {
  for (const figure of charts.keys()) if (!figure.isConnected) charts.delete(figure);
  for (const svg of document.querySelectorAll('.wide > svg[data-chart]')) {
    const figure = svg.closest('figure');
    const name = svg.dataset.chart && JSON.parse(svg.dataset.chart).table;
    if (charts.has(figure) || !document.querySelector('table[data-table="' + CSS.escape(name) + '"]')) continue;
    charts.set(figure, new Chart(figure));
  }
}

addCharts();
