'use strict';
// Comfort for readers; everything on the page is there without it.
(() => {
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

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

  function addSorting(table, rows) {
    const heads = [...table.tHead.rows[0].cells];
    const next = {none: 'ascending', ascending: 'descending', descending: 'none'};
    heads.forEach((head, column) => {
      const button = make('button', {type: 'button'}, ...head.childNodes);
      button.addEventListener('click', () => {
        const order = next[head.getAttribute('aria-sort') ?? 'none'];
        heads.forEach((other) => other.removeAttribute('aria-sort'));
        if (order !== 'none') head.setAttribute('aria-sort', order);
        const direction = order === 'descending' ? -1 : 1;
        const shown = order === 'none' ? rows : sorted(rows, column, head.dataset.type, direction);
        table.tBodies[0].append(...shown);
      });
      head.append(button);
    });
  }

  // ---- filtering
  function addFilter(tools, name, rows) {
    const texts = new Map();
    const textOf = (row) => {
      if (!texts.has(row)) texts.set(row, (row.innerText + '\n' + digits(row.innerText)).toLowerCase());
      return texts.get(row);
    };
    const input = make('input', {type: 'search', placeholder: 'Filter rows', ariaLabel: 'Filter rows of ' + name});
    const found = make('output', {});
    input.addEventListener('input', () => {
      const wanted = input.value.trim().toLowerCase();
      let count = 0;
      for (const row of rows) {
        const visible = wanted === '' || textOf(row).includes(wanted);
        row.hidden = !visible;
        count += visible ? 1 : 0;
      }
      found.textContent = wanted === '' ? '' : count.toLocaleString('en') + ' of ' + rows.length.toLocaleString('en') + ' rows';
    });
    tools.append(input, found);
  }

  function addTools(box) {
    const table = box.querySelector('table');
    const rows = [...table.tBodies[0].rows];
    if (rows.length > 1) addSorting(table, rows);
    const tools = make('div', {className: 'tools'});
    if (rows.length > 10) addFilter(tools, box.querySelector('h3').textContent, rows);
    const shortened = [...table.querySelectorAll('data')];
    if (shortened.length > 0) addDigits(tools, shortened);
    if (tools.hasChildNodes()) box.querySelector('h3').after(tools);
  }

  // ---- all digits of what is shown in short
  function addDigits(tools, elements) {
    const button = make('button', {type: 'button', textContent: 'All digits', ariaPressed: 'false'});
    const others = elements.map((element) => element.value);
    button.addEventListener('click', () => {
      button.ariaPressed = String(button.ariaPressed !== 'true');
      elements.forEach((element, i) => {
        [element.textContent, others[i]] = [others[i], element.textContent];
      });
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
        // Offline, or the page was saved: there is nobody to ask.
      }
      button.replaceWith(...(links.length > 0 ? links : ['None are known.']));
    });
    place.append(' ', button);
  }

  document.querySelectorAll('.table').forEach(addTools);
  document.querySelectorAll('.more').forEach(addMore);
  if (location.protocol.startsWith('http')) document.querySelectorAll('#formats').forEach(addFormats);
})();
