// Comfort for readers; everything on the page is there without it.
const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// What the script has put into the page.
const made = new WeakSet();

// ---- sorting: by what a cell means
const digits = (text) => text.replace(/,/g, '').replace('\u2212', '-');
const exact = (cell) => cell.querySelector('data')?.value ?? digits(cell.textContent);
const whole = (text) => text.length < 16 ? Number(text) : BigInt(text);
const keys = {
  integer: (cell) => whole(exact(cell)),
  // The decimals of a column are equally many, so without the point they compare as integers.
  decimal: (cell) => whole(exact(cell).replace('.', '')),
  real: (cell) => Number(exact(cell)),
  time: (cell) => cell.firstElementChild.dateTime,
  boolean: (cell) => cell.textContent,
  text: (cell) => cell.textContent,
};
const collator = new Intl.Collator(undefined, {numeric: true});

function sorted(rows, column, type, direction) {
  const entries = rows.map((row, place) => {
    const cell = row.cells[column];
    return {row, place, key: cell.className === 'none' ? null : keys[type](cell)};
  });
  const compare = type === 'text' ? collator.compare : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  entries.sort((a, b) => {
    if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.place - b.place;
    return direction * compare(a.key, b.key) || a.place - b.place;
  });
  return entries.map((entry) => entry.row);
}

// ---- tables: what the reader chose of one, which outlives the numbers in it
const tables = new Map();  // by their <table>
const rowsOf = (table) => [...table.tBodies].flatMap((body) => [...body.rows]);

function addTools(box) {
  const table = box.querySelector('table');
  const rows = rowsOf(table);
  const chosen = {rows, field: '', order: 'none', sorts: rows.length > 1, top: 0, filter: () => {}, find: () => ''};
  tables.set(table, chosen);
  const scrolled = table.parentElement;
  scrolled.addEventListener('scroll', () => { chosen.top = scrolled.scrollTop; }, {passive: true});
  if (chosen.sorts) addSorting(table, chosen);
  const tools = make('div', {className: 'tools'});
  if (rows.length > 10) addFilter(tools, box.querySelector('h3').textContent, table, chosen);
  if (!tools.hasChildNodes()) return;
  made.add(tools);
  box.querySelector('h3').after(tools);
}

// Puts nodes into this order behind one another. What is moved loses its focus and its scrolling, so few are.
function place(parent, nodes) {
  const skipped = (node) => {
    while (node && made.has(node)) node = node.nextSibling;
    return node;
  };
  let next = skipped(parent.firstChild);
  for (const node of nodes) {
    if (next && next !== node && skipped(next.nextSibling) === node) {
      const later = next;
      next = node;
      parent.append(later);
    }
    if (next === node) {
      next = skipped(node.nextSibling);
    } else {
      parent.insertBefore(node, next);
    }
  }
}

// The rows, in the order that is chosen, in groups that a browser lays out when they are seen.
const groupSize = 50;
function arrange(table, {rows, field, order}) {
  const head = [...table.tHead.rows[0].cells].find((each) => each.dataset.field === field);
  const isSorted = order !== 'none' && head;
  const wanted = isSorted ? sorted(rows, head.cellIndex, head.dataset.type, order === 'descending' ? -1 : 1) : rows;
  const size = table.classList.contains('many') ? groupSize : wanted.length;
  for (let at = 0, index = 0; at === 0 || at < wanted.length; at += size, index += 1) {
    const body = table.tBodies[index] ?? table.createTBody();
    place(body, wanted.slice(at, at + size));
    if (size === 0) break;
  }
  for (const body of [...table.tBodies].slice(1)) if (body.rows.length === 0) body.remove();
  fit(table);
}
// What is not seen has the height of the rows that it shows. Groups that grow out of sight are kept from being laid out once more.
const rowHeight = 30;
function fit(table) {
  if (!table.classList.contains('many')) return;
  const {top} = tables.get(table);
  const grown = [];
  let above = 0;
  for (const body of table.tBodies) {
    let count = 0;
    for (const row of body.rows) count += row.hidden ? 0 : 1;
    const begin = above;
    above += count * rowHeight;
    const isSeen = above > top - innerHeight && begin < top + 2 * innerHeight;
    if (!isSeen && count > (body.style.getPropertyValue('--n') || groupSize)) grown.push(body);
    body.style.setProperty('--n', count);
  }
  table.ariaRowCount = above / rowHeight + 1;
  grown.forEach((body) => body.style.setProperty('content-visibility', 'hidden'));
  requestAnimationFrame(() => setTimeout(() => grown.forEach((body) => body.style.removeProperty('content-visibility')), 0));
}

const wrapHeads = (table) => {
  for (const head of table.tHead.rows[0].cells) head.append(make('button', {type: 'button'}, ...head.childNodes));
};
function addSorting(table, chosen) {
  const next = {none: 'ascending', ascending: 'descending', descending: 'none'};
  wrapHeads(table);
  chosen.sort = (field, order) => {
    for (const head of table.tHead.rows[0].cells) {
      head.removeAttribute('aria-sort');
      if (order !== 'none' && head.dataset.field === field) head.setAttribute('aria-sort', order);
    }
    Object.assign(chosen, {field, order});
    arrange(table, chosen);
  };
  table.tHead.addEventListener('click', (event) => {
    const head = event.target.closest('button')?.parentElement;
    if (!head) return;
    chosen.sort(head.dataset.field, next[head.getAttribute('aria-sort') ?? 'none']);
    remember();
  });
}

// ---- filtering: nothing is read of the layout, so it is computed once
function addFilter(tools, name, table, chosen) {
  const input = make('input', {type: 'search', placeholder: 'Filter rows', ariaLabel: 'Filter rows of ' + name});
  const found = make('output', {});
  let texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) {
      const text = [...row.cells].map((cell) => cell.textContent).join('\t').replace(/\u2212/g, '-');
      texts.set(row, (text + '\n' + text.replace(/,/g, '')).toLowerCase());
    }
    return texts.get(row);
  };
  const filter = () => {
    const wanted = input.value.trim().toLowerCase().replace(/\u2212/g, '-');
    let count = 0;
    for (const row of chosen.rows) {
      const isHidden = wanted !== '' && !textOf(row).includes(wanted);
      if (row.hidden !== isHidden) row.hidden = isHidden;
      count += isHidden ? 0 : 1;
    }
    fit(table);
    const words = count.toLocaleString('en') + ' of ' + chosen.rows.length.toLocaleString('en') + ' rows';
    found.textContent = wanted === '' ? '' : words;
  };
  // Long before the first key, and in pieces that nobody feels.
  let prepared = 0;
  const prepare = () => {
    const end = performance.now() + 5;
    while (prepared < chosen.rows.length && performance.now() < end) textOf(chosen.rows[prepared++]);
    if (prepared < chosen.rows.length) setTimeout(prepare, 10);
  };
  input.addEventListener('focus', prepare);
  if (chosen.rows.length > 500) setTimeout(prepare, 500);
  input.addEventListener('input', () => {
    filter();
    remember();
  });
  chosen.find = (text) => {
    if (text === undefined) return input.value;
    if (input.value === text) return text;
    input.value = text;
    filter();
    return text;
  };
  chosen.filter = () => {  // after the rows have changed
    texts = new Map();
    if (input.value !== '') filter();
  };
  tools.append(input, found);
}

// ---- the address holds what was chosen, in its fragment, of which servers hear nothing: #series.sort=-close&series.find=12:00
let remembering;
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    const words = new URLSearchParams();
    for (const [table, {field, order, find}] of tables) {
      if (order !== 'none') words.set(table.dataset.table + '.sort', (order === 'descending' ? '-' : '') + field);
      if (find() !== '') words.set(table.dataset.table + '.find', find());
    }
    history.replaceState(history.state, '', location.pathname + location.search + (words.size > 0 ? '#' + words : ''));
  }, 250);
}
function recall() {
  const words = new URLSearchParams(location.hash.slice(1));
  for (const [table, chosen] of tables) {
    const sort = words.get(table.dataset.table + '.sort') ?? '';
    const field = sort.replace('-', '');
    const order = sort === '' ? 'none' : sort === field ? 'ascending' : 'descending';
    if (chosen.sorts && (field !== chosen.field || order !== chosen.order)) chosen.sort(field, order);
    chosen.find(words.get(table.dataset.table + '.find') ?? '');
  }
}

// ---- copying: a program takes a hyphen for a minus, and not U+2212
document.addEventListener('copy', (event) => {
  const text = String(getSelection());
  if (!/\u2212\d/.test(text) || /^(INPUT|TEXTAREA)$/.test(event.target.nodeName)) return;
  event.clipboardData.setData('text/plain', text.replace(/\u2212(?=\d)/g, '-'));
  event.preventDefault();
});

// ---- paper: what is wider than a page stands below itself, in parts that each begin with the first column
const parts = [];
const characters = 120;  // of the smallest print across the narrower of the usual papers
const lengthIn = (cells, isHead) => Math.max(...cells.map((cell) => {
  const text = cell.textContent;
  return Math.min(isHead ? Math.max(...text.split(' ').map((word) => word.length)) : text.length, 48);
})) + 3;
// Places of columns, the first one's neighbour being 1, in groups of at most so many characters.
function grouped(lengths, most) {
  const groups = [];
  let left = 0;
  lengths.forEach((length, index) => {
    if (length > left) {
      groups.push([]);
      left = most;
    }
    groups.at(-1).push(index + 1);
    left -= length;
  });
  return groups;
}
function split(table) {
  const [head, ...rows] = [table.tHead.rows[0], ...rowsOf(table).filter((row) => !row.hidden)].map((row) => [...row.cells]);
  const lengths = head.map((cell, column) => Math.max(lengthIn([cell], true), lengthIn(rows.map((row) => row[column]), false)));
  const [first, ...others] = lengths;
  const sum = others.reduce((a, b) => a + b, 0);
  if (rows.length === 0 || first + sum <= characters) return;
  const room = Math.max(characters - first, ...others);
  let groups = [];
  for (let most = sum / Math.ceil(sum / room); most <= room; most *= 1.03) {  // about equal parts, as few as there can be
    const next = grouped(others, most);
    if (groups.length === 0 || next.length < groups.length) groups = next;
  }
  const rowOf = (cells, columns) => make('tr', {}, ...[0, ...columns].map((column) => cells[column].cloneNode(true)));
  groups.forEach((columns, index) => {
    const title = table.caption.textContent + ', part ' + (index + 1) + ' of ' + groups.length;
    const part = make('table', {className: 'part'}, make('caption', {textContent: title}),
      make('thead', {}, rowOf(head, columns)), make('tbody', {}, ...rows.map((row) => rowOf(row, columns))));
    parts.push(part);
    made.add(part);
  });
  table.classList.add('whole');
  table.after(...parts.slice(-groups.length));
}
addEventListener('beforeprint', () => [...tables.keys()].forEach(split));
addEventListener('afterprint', () => {
  parts.splice(0).forEach((part) => part.remove());
  document.querySelectorAll('.whole').forEach((table) => table.classList.remove('whole'));
});

// ---- links that need the address of the page
function addMore(link) {
  const address = new URL(location.href);
  address.searchParams.set('rows', link.dataset.rows);
  link.href = address.href;
  link.hidden = false;
}

// The host names the other formats, with all parameters, in the header Link (RFC 8288).
function addFormats(place) {
  const button = make('button', {type: 'button', textContent: 'List them'});
  button.addEventListener('click', async () => {
    const links = [];
    try {
      const answer = await fetch(location.href, {method: 'HEAD', cache: 'force-cache'});
      for (const [, target, rest] of (answer.headers.get('Link') ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
        const address = new URL(target, location.href);
        if (!/rel="alternate"/.test(rest) || address.origin !== location.origin) continue;
        links.push(make('a', {href: address.href}, address.searchParams.get('format') ?? target));
      }
    } catch {
      // Offline: there is nobody to ask.
    }
    list.replaceChildren(...(links.length > 0 ? links : ['None are known.']));
  });
  const list = make('span', {}, ' ', button);
  made.add(list);
  place.append(list);
}

document.querySelectorAll('.table').forEach(addTools);
recall();
addEventListener('hashchange', recall);
document.querySelectorAll('.more').forEach(addMore);
if (location.protocol.startsWith('http')) document.querySelectorAll('#formats').forEach(addFormats);
