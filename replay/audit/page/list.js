'use strict';
// Renders the data of the page. Everything in it came from a log: it is only ever set as text.
const data = JSON.parse(document.getElementById('data').textContent);
const $ = (id) => document.getElementById(id);

// Cells of a block row and of a window row (html_collector.cpp).
const BLOCK = { number: 0, window: 1, timestamp: 2, seq: 3, wall: 4, admitted: 5, list: 6,
  executed: 7, decision: 8, reason: 9, landing: 10, flags: 11, hash: 12,
  listBefore: 13 };
const WINDOW = { end: 0, signer: 1, promises: 2, admitted: 3, executed: 4, late: 5, lists: 6,
  first: 7, last: 8, honoured: 9, contradicted: 10, notLanded: 11, unknown: 12, verdict: 13,
  before: 14, faults: 15, seen50: 16, seen99: 17, executed50: 18, executed99: 19, version: 20 };
const VERDICTS = ['fault', 'unknown', 'excused', 'ok'];

// ---- small tools --------------------------------------------------------------------------------

function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null) continue;
    if (key === 'class') node.className = value;
    else if (key === 'onclick') node.addEventListener('click', value);
    else node.setAttribute(key, value);
  }
  for (const child of children) {
    if (child !== null && child !== undefined) {
      node.append(child instanceof Node ? child : String(child));
    }
  }
  return node;
}
const tag = (text) => el('span', { class: 'tag ' + String(text).replace(/[^a-z_]/g, '') },
  String(text).replace(/_/g, ' '));
const short = (hash) => (hash && hash.length > 20 ? hash.slice(0, 10) + '…' + hash.slice(-6) :
    hash);
const isoSeconds = (seconds) => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) + ' s' :
      date.toISOString().replace('.000', '');
};
const isoMicros = (micros) => {
  const date = new Date(Math.floor(micros / 1000));
  if (Number.isNaN(date.getTime())) return String(micros) + ' µs';
  return date.toISOString().slice(0, -1) + String(micros % 1000).padStart(3, '0') + 'Z';
};
const seconds = (micros) => (micros === null || micros === undefined ? '' :
  (micros / 1e6).toFixed(3) + ' s');
// "2026-07-01T12:00:00.123456789Z" as nanoseconds.
function nanos(text) {
  const whole = Date.parse(text.slice(0, 19) + 'Z');
  return BigInt(whole) * 1000000n + BigInt(text.slice(20, 29));
}
const microsBetween = (from, to) => (from && to ? Number(nanos(to) - nanos(from)) / 1000 : null);
const hexOf = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const hash43 = (text) => '0x' + hexOf(bytesOf(text + '='));

// ---- blocks: those with findings in full, the others as rows ------------------------------------

const windowRows = data.windows;
const windowIndex = new Map(windowRows.map((row, i) =>
    [row[WINDOW.end] + data.keys[row[WINDOW.signer]], i]));
function blockOfRow(row) {
  const window = windowRows[row[BLOCK.window]];
  return { full: null, row, number: row[BLOCK.number], signer: data.keys[window[WINDOW.signer]],
    windowEnd: window[WINDOW.end], window: row[BLOCK.window], seq: row[BLOCK.seq],
    seen: row[BLOCK.wall] - row[BLOCK.timestamp] * 1e6, admitted: row[BLOCK.admitted],
    list: row[BLOCK.list], executed: row[BLOCK.executed], decision: row[BLOCK.decision],
    reason: row[BLOCK.reason], landing: row[BLOCK.landing], eop: row[BLOCK.flags] & 1,
    eopOnly: row[BLOCK.flags] & 2, listBefore: row[BLOCK.listBefore], found: 0 };
}
function blockOfLife(life) {
  const at = (moment) => (moment ? microsBetween(life.received.wall, moment.wall) : null);
  return { full: life, row: null, number: life.number, signer: life.signer,
    windowEnd: life.window_end, window: windowIndex.get(life.window_end + life.signer),
    seq: life.received.seq,
    seen: Number(nanos(life.received.wall) - BigInt(life.timestamp) * 1000000000n) / 1000,
    admitted: at(life.admitted), list: at(life.list_received), executed: at(life.executed),
    decision: life.decision, reason: life.reason, landing: life.landing, eop: life.eop,
    eopOnly: life.eop_only, listBefore: life.list_before, found: life.findings.length };
}
const blocks = data.lives.map(blockOfLife).concat(data.rows.map(blockOfRow))
  .sort((a, b) => a.number - b.number || a.seq - b.seq);
const hashOf = (block) => (block.full ? block.full.preconf_hash : hash43(block.row[BLOCK.hash]));
const findingsById = new Map(data.findings.map((finding) => [finding.id, finding]));

// ---- a table that only has the rows one can see -------------------------------------------------

const ROW = 28;
class List {
  // columns: {name, cell(item), class}
  constructor(host, label, columns, open) {
    this.columns = columns;
    this.open = open;
    this.items = [];
    this.active = 0;
    this.body = el('tbody');
    this.count = el('p', { class: 'count', 'aria-live': 'polite' });
    const head = el('tr', {}, ...columns.map((c) =>
        el('th', { scope: 'col', class: c.class }, c.name)));
    this.table = el('table', { 'aria-label': label }, el('thead', {}, head), this.body);
    this.box = el('div', { class: 'list', tabindex: '0' }, this.table);
    host.append(this.box, this.count);
    this.box.addEventListener('scroll', () => this.render());
    this.box.addEventListener('keydown', (event) => this.key(event));
    this.body.addEventListener('click', (event) => {
      const row = event.target.closest('tr[data-i]');
      if (row) this.pick(Number(row.dataset.i), true);
    });
    window.addEventListener('beforeprint', () => this.render(500));
    window.addEventListener('afterprint', () => this.render());
  }
  show(items, total, notShown) {
    this.items = items;
    this.active = 0;
    this.box.scrollTop = 0;
    this.table.setAttribute('aria-rowcount', items.length + 1);
    this.count.textContent = items.length + ' of ' + total +
      (notShown ? '; not shown: ' + notShown : '');
    this.render();
  }
  render(printed) {
    const height = this.box.clientHeight || 430;
    const all = this.items.length;
    let first = Math.max(0, Math.floor(this.box.scrollTop / ROW) - 8);
    let last = Math.min(all, first + Math.ceil(height / ROW) + 20);
    if (printed) [first, last] = [0, Math.min(all, printed)];
    const rows = [this.gap(first)];
    for (let i = first; i < last; ++i) rows.push(this.row(i));
    rows.push(printed ? this.left(all - last) : this.gap(all - last));
    this.body.replaceChildren(...rows);
  }
  gap(rows) {
    return el('tr', { class: 'gap', 'aria-hidden': 'true' },
      el('td', { colspan: this.columns.length, height: Math.min(rows * ROW, 3e7) }));
  }
  left(rows) {
    return el('tr', { class: 'gap' }, el('td', { colspan: this.columns.length },
      rows > 0 ? 'not printed: ' + rows : ''));
  }
  row(i) {
    const item = this.items[i];
    const cells = this.columns.map((c) => el('td', { class: c.class }, c.cell(item)));
    return el('tr', { 'data-i': i, 'aria-rowindex': i + 2,
      class: i === this.active ? 'active' : null }, ...cells);
  }
  pick(i, open) {
    if (this.items.length === 0) return;
    this.active = Math.max(0, Math.min(this.items.length - 1, i));
    const top = this.active * ROW;
    const view = this.box.clientHeight - 2 * ROW;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    if (top > this.box.scrollTop + view) this.box.scrollTop = top - view;
    this.render();
    if (open) this.open(this.items[this.active]);
  }
  key(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / ROW) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page,
      Home: -this.items.length, End: this.items.length };
    if (event.key === 'Enter') this.pick(this.active, true);
    else if (event.key in steps) this.pick(this.active + steps[event.key], false);
    else return;
    event.preventDefault();
  }
}
