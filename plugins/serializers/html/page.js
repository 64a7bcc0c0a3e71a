// Comfort for readers; everything on the page is there without it.
const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// What the script has put into the page.
const made = new WeakSet();

// ---- sorting: by what a cell means, exactly
const digits = (text) => text.replace(/,/g, '');
const exact = (cell) => cell.querySelector('data')?.value ?? digits(cell.textContent);
const keys = {
  integer: (cell) => BigInt(exact(cell)),
  // The decimals of a column are equally many, so without the point they compare as integers.
  decimal: (cell) => BigInt(exact(cell).replace('.', '')),
  real: (cell) => Number(exact(cell)),
  time: (cell) => cell.querySelector('time').dateTime.slice(0, -1),
  boolean: (cell) => cell.textContent,
  text: (cell) => cell.textContent,
};
const collator = new Intl.Collator(undefined, {numeric: true});

function sorted(rows, column, type, direction) {
  const entries = rows.map((row, place) => {
    const cell = row.cells[column];
    return {row, place, key: cell.querySelector('.none') ? null : keys[type](cell)};
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

function addTools(box) {
  const table = box.querySelector('table');
  const rows = [...table.tBodies[0].rows];
  const chosen = {rows, column: 0, order: 'none', sorts: rows.length > 1, digits: false};
  tables.set(table, chosen);
  if (chosen.sorts) addSorting(table, chosen);
  const tools = make('div', {className: 'tools'});
  if (rows.length > 10) addFilter(tools, box.querySelector('h3').textContent, chosen);
  if (table.querySelector('data')) addDigits(tools, table, chosen);
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

function arrange(table, {rows, column, order}) {
  const type = table.tHead.rows[0].cells[column]?.dataset.type;
  place(table.tBodies[0], order === 'none' || !type ? rows : sorted(rows, column, type, order === 'descending' ? -1 : 1));
}

const wrapHeads = (table) => {
  for (const head of table.tHead.rows[0].cells) head.append(make('button', {type: 'button'}, ...head.childNodes));
};
function addSorting(table, chosen) {
  const next = {none: 'ascending', ascending: 'descending', descending: 'none'};
  wrapHeads(table);
  table.tHead.addEventListener('click', (event) => {
    const head = event.target.closest('button')?.parentElement;
    if (!head) return;
    const order = next[head.getAttribute('aria-sort') ?? 'none'];
    for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
    if (order !== 'none') head.setAttribute('aria-sort', order);
    Object.assign(chosen, {column: head.cellIndex, order});
    arrange(table, chosen);
  });
}

// ---- filtering
function addFilter(tools, name, chosen) {
  const input = make('input', {type: 'search', placeholder: 'Filter rows', ariaLabel: 'Filter rows of ' + name});
  const found = make('output', {});
  let texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) {
      const text = [...row.cells].map((cell) => cell.textContent).join('\t');
      texts.set(row, (text + '\n' + digits(text)).toLowerCase());
    }
    return texts.get(row);
  };
  const filter = () => {
    const wanted = input.value.trim().toLowerCase();
    let count = 0;
    for (const row of chosen.rows) {
      const visible = wanted === '' || textOf(row).includes(wanted);
      row.hidden = !visible;
      count += visible ? 1 : 0;
    }
    const words = count.toLocaleString('en') + ' of ' + chosen.rows.length.toLocaleString('en') + ' rows';
    found.textContent = wanted === '' ? '' : words;
  };
  input.addEventListener('input', filter);
  chosen.filter = () => {  // after the rows have changed
    texts = new Map();
    if (input.value !== '') filter();
  };
  tools.append(input, found);
}

// ---- all digits of what is shown in short
function showDigits(table, all) {
  for (const element of table.querySelectorAll('data')) {
    if (all) element.dataset.short = element.textContent;
    element.textContent = all ? element.value : element.dataset.short;
    if (!all) delete element.dataset.short;
  }
}
function addDigits(tools, table, chosen) {
  const button = make('button', {type: 'button', textContent: 'All digits', ariaPressed: 'false'});
  button.addEventListener('click', () => {
    chosen.digits = !chosen.digits;
    button.ariaPressed = String(chosen.digits);
    showDigits(table, chosen.digits);
  });
  tools.append(button);
}

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
document.querySelectorAll('.more').forEach(addMore);
if (location.protocol.startsWith('http')) document.querySelectorAll('#formats').forEach(addFormats);
