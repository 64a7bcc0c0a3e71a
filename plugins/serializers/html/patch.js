
// ---- a newer version of the page, put into this one: what is equal stays, and with it all that the reader did

// What tells one of several equal elements from its neighbours.
function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return '#';
  const {localName: name, dataset} = node;
  const row = name === 'tr' && node.querySelector(':scope > th[scope=row]');
  return name + ' ' + (node.id || dataset.field || dataset.table || node.getAttribute('aria-labelledby') ||
    (row && (row.querySelector('time')?.dateTime ?? row.textContent)) ||
    (node.className === 'table' && node.firstElementChild.id) || '');
}

// Attributes that are the reader's.
const readers = {tr: 'hidden', th: 'aria-sort', details: 'open'};

// Changes this page; returns whether something was left as it was because it is selected.
function patch(fresh) {
  const changed = new Set();  // cells
  const selection = getSelection();
  let isLeft = false;

  function patchText(node, text) {
    if (node.data === text) return;
    if (!selection.isCollapsed && selection.containsNode(node, true)) {
      isLeft = true;
      return;
    }
    node.data = text;
    const cell = node.parentElement.closest('td, dd');
    if (cell) changed.add(cell);
  }
  function patchAttributes(element, model) {
    const own = readers[element.localName];
    for (const {name} of [...element.attributes]) {
      if (!model.hasAttribute(name) && name !== own) element.removeAttribute(name);
    }
    for (const {name, value} of model.attributes) {
      if (element.getAttribute(name) !== value && name !== own) element.setAttribute(name, value);
    }
  }
  // The nodes that stand for those of the model, in its order; the others are gone.
  function matched(nodes, models) {
    const known = new Map();
    for (const node of nodes) {
      const key = keyOf(node);
      if (!known.has(key)) known.set(key, []);
      known.get(key).push(node);
    }
    for (const queue of known.values()) queue.reverse();
    const result = models.map((model) => {
      const node = known.get(keyOf(model))?.pop();
      if (!node) return document.adoptNode(model);
      patchNode(node, model);
      return node;
    });
    for (const queue of known.values()) queue.forEach((node) => node.remove());
    return result;
  }
  function patchNode(node, model) {
    if (node.nodeType !== Node.ELEMENT_NODE) return patchText(node, model.data);
    if (node.isEqualNode(model)) return;
    patchAttributes(node, model);
    const chosen = tables.get(node);
    const isOther = (child) => !made.has(child) && !(chosen && (child.localName === 'tbody' || child.nodeType === Node.TEXT_NODE));
    if (chosen) {
      chosen.rows = matched(chosen.rows, rowsOf(model));
      chosen.filter();
      arrange(node, chosen);
    }
    const others = matched([...node.childNodes].filter(isOther), [...model.childNodes].filter(isOther));
    if (!chosen) place(node, others);
  }

  dress(fresh);
  const restore = heldScroll();
  takeWidths(fresh);
  document.title = fresh.title;
  for (const part of ['header', 'main', 'footer']) patchNode(document.querySelector(part), fresh.querySelector(part));
  for (const table of tables.keys()) if (!table.isConnected) tables.delete(table);
  document.querySelectorAll('.table').forEach((box) => tables.has(box.querySelector('table')) || addTools(box));
  charts.forEach((chart) => chart.refresh());
  addCharts();
  restore();
  flash(changed);
  return isLeft;
}

// As the script changed this page when it began.
function dress(fresh) {
  fresh.querySelectorAll('.more').forEach(addMore);
  for (const [table, chosen] of tables) {
    const model = fresh.querySelector('table[data-table="' + CSS.escape(table.dataset.table) + '"]');
    if (model && chosen.sorts) wrapHeads(model);
  }
}

// The page's own style: a policy knows only the one that it came with, but what a script says of style is the script's.
function takeWidths(fresh) {
  const [, mine] = document.querySelectorAll('style');
  const [, theirs] = fresh.querySelectorAll('style');
  if (!theirs || !mine?.sheet) return;
  for (const [, selector, columns] of theirs.textContent.matchAll(/(.*)\{--c:(.*)\}/g)) {
    for (const rule of mine.sheet.cssRules) if (rule.selectorText === selector) rule.style.setProperty('--c', columns);
  }
}

// Rows come and go above what is in sight; not all browsers hold it there by themselves.
const topOf = (row, box) => row.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
function heldScroll() {
  const held = [];
  for (const table of tables.keys()) {
    const box = table.closest('.scroll');
    if (box.scrollTop === 0) continue;
    const top = box.scrollTop + table.tHead.offsetHeight;
    // Of groups only those in sight are asked for their rows: asking lays them out.
    const body = [...table.tBodies].find((each) => each.offsetTop + each.offsetHeight > top);
    const row = body && [...body.rows].find((each) => !each.hidden && topOf(each, box) >= top);
    if (row) held.push({box, row, away: topOf(row, box) - box.scrollTop});
  }
  return () => {
    for (const {box, row, away} of held) if (row.isConnected && !row.hidden) box.scrollTop = topOf(row, box) - away;
  };
}

// A short sign of what is new, where it is not too much and the reader's system does not ask for rest.
function flash(cells) {
  if (cells.size > 100 || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  for (const cell of cells) cell.animate({backgroundColor: ['var(--line)', 'transparent']}, 800);
}
