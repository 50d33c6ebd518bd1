// Details, filters and the timeline. Continues list.js: on the page both are one script.

// ---- detail -------------------------------------------------------------------------------------

function pairs(rows) {
  const body = el('tbody');
  for (const [name, value, style] of rows) {
    if (value === null || value === undefined || value === '') continue;
    body.append(el('tr', {}, el('th', { scope: 'row' }, name), el('td', { class: style }, value)));
  }
  return el('table', {}, body);
}
// SSZ SignedCommitment, 382 bytes (P2P specification, section 3).
function decoded(bytes) {
  const number = (at) => {
    let value = 0n;
    for (let i = 31; i >= 0; --i) value = (value << 8n) | BigInt(bytes[at + i]);
    return value.toString();
  };
  const hex = (at, size) => '0x' + hexOf(bytes.subarray(at, at + size));
  return pairs([['eop', bytes[0]], ['blockNumber', number(1)], ['timestamp', number(33)],
    ['gasLimit', number(65)], ['coinbase', hex(97, 20), 'hash'],
    ['anchorBlockNumber', number(117)], ['rawTxListHash', hex(149, 32), 'hash'],
    ['parentPreconfirmationHash', hex(181, 32), 'hash'], ['submissionWindowEnd', number(213)],
    ['proverAuth', hex(245, 20), 'hash'], ['proposalId', number(265)],
    ['slasherAddress', hex(297, 20), 'hash'], ['r', hex(317, 32), 'hash'],
    ['s', hex(349, 32), 'hash'], ['v', bytes[381]]]);
}
function rawBytes(seq) {
  const text = data.raw[seq];
  if (text === undefined) {
    return el('p', { class: 'hint' }, 'not on this page: preconf log show LOG ' + seq + ' --raw');
  }
  const bytes = bytesOf(text);
  const hex = hexOf(bytes);
  const pre = el('pre', { class: 'mono', tabindex: '0' }, hex);
  const button = el('button', { type: 'button', onclick: () => copy(hex, pre, button) },
      'copy hex');
  return el('details', { open: '' },
    el('summary', {}, 'event ' + seq + ', ' + bytes.length + ' signed bytes'), button, pre,
    bytes.length === 382 ? decoded(bytes) : null);
}
async function copy(text, pre, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch (error) {
    const range = document.createRange();
    range.selectNodeContents(pre);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand('copy');
  }
  button.textContent = 'copied';
}
function lifeOf(block) {
  const life = block.full;
  const received = life ? life.received.wall : isoMicros(block.row[BLOCK.wall]);
  const body = el('tbody');
  const step = (what, moment, micros) => {
    if (micros === null || micros === undefined) return;
    const at = moment ? moment.wall : isoMicros(block.row[BLOCK.wall] + micros);
    body.append(el('tr', {}, el('td', {}, what),
        el('td', { class: 'num' }, moment ? moment.seq : ''),
      el('td', { class: 'mono' }, at), el('td', { class: 'num' }, seconds(micros))));
  };
  body.append(el('tr', {}, el('td', {}, 'first arrival'), el('td', { class: 'num' }, block.seq),
    el('td', { class: 'mono' }, received), el('td', { class: 'num' }, '')));
  if (block.listBefore) {
    body.append(el('tr', {}, el('td', {}, 'transaction list'),
        el('td', { class: 'num' }, block.listBefore), el('td', {}, 'before this log begins'),
        el('td', {}, '')));
  }
  step('transaction list', life && life.list_received, block.list);
  step('admitted', life && life.admitted, block.admitted);
  step('executed', life && life.executed, block.executed);
  if (life && life.decided) {
    step('last verdict', life.decided, microsBetween(received, life.decided.wall));
  }
  return el('table', {}, el('thead', {}, el('tr', {}, el('th', {}, 'step'),
    el('th', { class: 'num' }, 'event'), el('th', {}, 'time'),
    el('th', { class: 'num' }, 'after arrival'))), body);
}
function openFinding(finding) {
  const raws = finding.seqs.filter((seq) => data.raw[seq] !== undefined).map(rawBytes);
  const about = blocks.filter((block) => block.full && block.full.findings.includes(finding.id))
    .slice(0, 20);
  show(finding.kind.replace(/_/g, ' '), pairs([
    ['verdict', tag(finding.verdict)], ['class', finding.fault_class],
    ['what', finding.text], ['excused because', finding.reason],
    ['id', finding.id, 'hash'], ['signer', finding.signer, 'hash'],
    ['window end', finding.window_end ? finding.window_end + ' = ' +
        isoSeconds(finding.window_end) : null],
    ['block', finding.block_number], ['preconfirmation hash', finding.preconf_hash, 'hash'],
    ['missing events', finding.from ? finding.from + ' to ' + finding.to : null],
    ['known since', 'event ' + finding.first_seq + ', ' + finding.first_seen],
    ['events', finding.seqs.join(', ')], ['missing', finding.missing.join('; ')],
    ['on chain', finding.actionability + ': ' + finding.actionability_reason],
    ['take it along', 'preconf evidence export LOG ' + finding.id + ' --out DIR', 'mono']]),
  about.length ? el('h3', {}, 'Blocks') : null,
  ...about.map((block) => el('p', {}, el('button',
      { type: 'button', onclick: () => openBlock(block) },
    'block ' + block.number), ' ', el('span', { class: 'hash' }, hashOf(block)))),
  raws.length ? el('h3', {}, 'Signed bytes') : null, ...raws);
}
function openBlock(block) {
  const life = block.full;
  const found = life ? life.findings.map((id) => findingsById.get(id)).filter(Boolean) : [];
  show('Block ' + block.number + (block.eopOnly ? ' (end of window only)' : ''),
    ...found.map((finding) => el('p', {}, tag(finding.verdict), ' ', el('button', { type: 'button',
      onclick: () => openFinding(finding) }, finding.kind.replace(/_/g, ' ')), ' ', finding.text)),
    el('h3', {}, 'Life'), lifeOf(block), el('h3', {}, 'Promise'), pairs([
      ['preconfirmation hash', hashOf(block), 'hash'], ['signer', block.signer, 'hash'],
      ['window end', block.windowEnd + ' = ' + isoSeconds(block.windowEnd)],
      ['seen after timestamp', seconds(block.seen)], ['end of window', block.eop ? 'yes' : 'no'],
      ['decision', block.decision + (block.reason === 'none' ? '' : ': ' + block.reason)],
      ['landing', tag(block.landing)],
      ...(life ? [['why not known', life.landing_missing], ['timestamp', life.timestamp],
        ['parent', life.parent_preconf_hash, 'hash'],
        ['transaction list', life.tx_list_hash, 'hash'], ['anchor block', life.anchor],
        ['proposal', life.proposal_id], ['executed as', life.block_hash, 'hash'],
        ['confirmed block', life.confirmed_hash, 'hash'],
        ['first came from', life.source + (life.source_id ? ' ' + life.source_id : '')],
        ['copies', life.copies], ['schedule version', life.schedule_version]] : [])]),
    life && life.predicates.length ? el('h3', {}, 'Predicates of the slashing contract') : null,
    life && life.predicates.length ? pairs(life.predicates.map((check) =>
      [check.predicate, check.truth + (check.missing ? ': needs ' + check.missing : '')])) : null,
    el('h3', {}, 'Signed bytes'), rawBytes(block.seq));
}
function openWindow(row) {
  const index = windowRows.indexOf(row);
  $('detail').close();
  choose(index, index);
  $('blocks').scrollIntoView();
}
function show(title, ...children) {
  $('detail-title').textContent = title;
  $('detail-body').replaceChildren(...children.filter(Boolean));
  if (!$('detail').open) $('detail').showModal();
  $('detail').scrollTop = 0;
}

// ---- filters and tables -------------------------------------------------------------------------

let chosen = null;  // [first, last] window
const inChosen = (window) => chosen === null ||
    (window !== undefined && window >= chosen[0] && window <= chosen[1]);
function options(select, values, all) {
  select.replaceChildren(el('option', { value: '' }, all),
    ...values.map((value) => el('option', { value }, short(value))));
}
const unique = (values) => Array.from(new Set(values.filter((v) => v !== null &&
    v !== undefined))).sort();
const cut = (name) => data.not_shown[name] || 0;

const num = 'num';
const numWide = 'num wide';
const findingList = new List($('t-findings'), 'Findings', [
  { name: 'verdict', cell: (f) => tag(f.verdict) },
  { name: 'kind', cell: (f) => f.kind },
  { name: 'class', cell: (f) => f.fault_class, class: 'wide' },
  { name: 'block', cell: (f) => f.block_number, class: num },
  { name: 'signer', cell: (f) => short(f.signer), class: 'hash wide' },
  { name: 'first seen', cell: (f) => f.first_seen.slice(0, 23) + 'Z', class: 'wide' },
  { name: 'event', cell: (f) => f.first_seq, class: numWide },
  { name: 'on chain', cell: (f) => f.actionability, class: 'wide' },
  { name: 'what', cell: (f) => f.text }], openFinding);
const blockList = new List($('t-blocks'), 'Blocks', [
  { name: 'block', cell: (b) => b.number, class: num },
  { name: 'landing', cell: (b) => tag(b.landing) },
  { name: 'findings', cell: (b) => b.found || '', class: num },
  { name: 'decision', cell: (b) => b.decision },
  { name: 'seen', cell: (b) => seconds(b.seen), class: num },
  { name: 'admitted', cell: (b) => seconds(b.admitted), class: numWide },
  { name: 'list', cell: (b) => (b.listBefore ? 'before' : seconds(b.list)), class: numWide },
  { name: 'executed', cell: (b) => seconds(b.executed), class: num },
  { name: 'signer', cell: (b) => short(b.signer), class: 'hash wide' },
  { name: 'end', cell: (b) => (b.eopOnly ? 'end only' : b.eop ? 'end' : ''), class: 'wide' },
  { name: 'event', cell: (b) => b.seq, class: numWide },
  { name: 'hash', cell: (b) => short(hashOf(b)), class: 'hash wide' }], openBlock);
const windowList = new List($('t-windows'), 'Windows', [
  { name: 'end', cell: (w) => isoSeconds(w[WINDOW.end]) },
  { name: 'ended', cell: (w) => tag(w[WINDOW.verdict]) },
  { name: 'faults', cell: (w) => w[WINDOW.faults], class: num },
  { name: 'signer', cell: (w) => short(data.keys[w[WINDOW.signer]]), class: 'hash' },
  { name: 'blocks', cell: (w) => (w[WINDOW.first] === null ? '' : w[WINDOW.first] + '–' +
      w[WINDOW.last]), class: num },
  { name: 'promises', cell: (w) => w[WINDOW.promises], class: numWide },
  { name: 'admitted', cell: (w) => w[WINDOW.admitted], class: numWide },
  { name: 'executed', cell: (w) => w[WINDOW.executed], class: numWide },
  { name: 'late', cell: (w) => w[WINDOW.late], class: numWide },
  { name: 'lists missing', cell: (w) => w[WINDOW.lists], class: numWide },
  { name: 'honoured', cell: (w) => w[WINDOW.honoured], class: numWide },
  { name: 'contradicted', cell: (w) => w[WINDOW.contradicted], class: numWide },
  { name: 'end seen before', cell: (w) =>
      (w[WINDOW.before] === null ? '' : (w[WINDOW.before] / 1000).toFixed(3) + ' s'), class:
          numWide },
  { name: 'seen p50 / p99', cell: (w) => w[WINDOW.seen50] + ' / ' + w[WINDOW.seen99], class:
      numWide },
  { name: 'executed p50 / p99', cell: (w) => w[WINDOW.executed50] + ' / ' + w[WINDOW.executed99],
      class: numWide }],
openWindow);
const total = (values) => Object.values(values).reduce((a, b) => a + b, 0);
const signerList = new List($('t-signers'), 'Signers', [
  { name: 'signer', cell: (s) => short(s.signer), class: 'hash' },
  { name: 'faults', cell: (s) => total(s.faults), class: num },
  { name: 'windows', cell: (s) => s.windows, class: num },
  { name: 'promises', cell: (s) => s.promises, class: num },
  { name: 'admitted', cell: (s) => s.admitted, class: numWide },
  { name: 'late', cell: (s) => s.late, class: numWide },
  { name: 'contradicted', cell: (s) => s.landing.contradicted, class: numWide },
  ...['seen', 'executed'].flatMap((what) => ['p50', 'p90', 'p99', 'max'].map((value) => (
    { name: what + ' ' + value, cell: (s) => (s.latency[what].count ? s.latency[what][value] : ''),
        class: numWide })))],
(signer) => {
  $('f-signer').value = signer.signer;
  $('b-signer').value = signer.signer;
  refresh();
  show('Signer', pairs([['address', signer.signer, 'hash'],
    ...Object.entries(signer.faults).map(([kind, count]) => [kind, count]),
    ['windows', signer.windows], ['promises', signer.promises], ['admitted', signer.admitted],
    ['executed', signer.executed], ['late', signer.late],
    ...Object.entries(signer.landing).map(([name, count]) => [name.replace('_', ' '), count]),
    ...Object.entries(signer.latency).map(([name, l]) => [name + ', ms',
      'p50 ' + l.p50 + ', p90 ' + l.p90 + ', p99 ' + l.p99 + ', max ' + l.max + ' of ' +
          l.count])]),
  el('p', { class: 'hint' }, 'Findings and blocks are filtered by this signer now.'));
});

function findingShown(f) {
  const text = $('f-text').value.trim().toLowerCase();
  const window = f.window_end && f.signer ? windowIndex.get(f.window_end + f.signer) : undefined;
  return (!$('f-kind').value || f.kind === $('f-kind').value) &&
    (!$('f-verdict').value || f.verdict === $('f-verdict').value) &&
    (!$('f-signer').value || f.signer === $('f-signer').value) && inChosen(window) &&
    (!text || (f.id + ' ' + f.text + ' ' + f.preconf_hash + ' ' +
        f.block_number).toLowerCase().includes(text));
}
function blockShown(b) {
  const which = $('b-which').value;
  const text = $('b-text').value.trim().toLowerCase();
  return (which === 'all' || (which === 'found') === (b.found > 0)) &&
    (!$('b-landing').value || b.landing === $('b-landing').value) &&
    (!$('b-signer').value || b.signer === $('b-signer').value) && inChosen(b.window) &&
    (!text || String(b.number) === text || b.decision.includes(text) || b.reason.includes(text) ||
      (text.length > 5 && hashOf(b).includes(text)));
}
function windowShown(w, i) {
  const which = $('w-which').value;
  return inChosen(i) && (which === 'all' || (which === 'fault' && w[WINDOW.faults] > 0) ||
    (which === 'open' && w[WINDOW.verdict] !== 'ok'));
}
function refresh() {
  findingList.show(data.findings.filter(findingShown), data.findings.length, cut('findings'));
  blockList.show(blocks.filter(blockShown), blocks.length, cut('rows') +
      cut('blocks with findings'));
  windowList.show(windowRows.filter(windowShown), windowRows.length, cut('windows'));
}

// ---- timeline -----------------------------------------------------------------------------------

const bars = { groups: [], at: 0 };
function verdictOf(window) {
  if (window[WINDOW.faults] > 0) return 0;
  return window[WINDOW.verdict] === 'ok' ? 3 : 1;
}
function group() {
  const width = Math.max(1, Math.min(Math.floor($('bars').clientWidth / 4), windowRows.length));
  const size = Math.max(1, Math.ceil(windowRows.length / width));
  bars.groups = [];
  for (let first = 0; first < windowRows.length; first += size) {
    const last = Math.min(windowRows.length, first + size) - 1;
    const counts = [0, 0, 0, 0];
    let promises = 0;
    for (let i = first; i <= last; ++i) {
      ++counts[verdictOf(windowRows[i])];
      promises += windowRows[i][WINDOW.promises];
    }
    bars.groups.push({ first, last, counts, promises });
  }
  bars.at = Math.min(bars.at, Math.max(0, bars.groups.length - 1));
}
function draw() {
  const canvas = $('bars');
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, 96];
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext('2d');
  context.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const colours = VERDICTS.map((name) => style.getPropertyValue('--' + name).trim());
  const tallest = Math.max(1, ...bars.groups.map((g) => g.promises));
  const step = width / Math.max(1, bars.groups.length);
  bars.groups.forEach((g, i) => {
    const worst = g.counts.findIndex((count) => count > 0);
    const tall = 12 + (height - 22) * (g.promises / tallest);
    context.globalAlpha = chosen && (g.last < chosen[0] || g.first > chosen[1]) ? 0.25 : 1;
    context.fillStyle = colours[worst];
    context.fillRect(i * step, height - tall, Math.max(1, step - (step > 3 ? 1 : 0)), tall);
    if (i === bars.at) {
      context.globalAlpha = 1;
      context.fillStyle = style.getPropertyValue('--fg').trim();
      context.fillRect(i * step, 0, Math.max(2, step - 1), 4);
    }
  });
}
function readout() {
  const g = bars.groups[bars.at];
  if (!g) return;
  const text = VERDICTS.map((name, i) => (g.counts[i] ? g.counts[i] + ' ' + name :
      '')).filter(Boolean);
  const from = isoSeconds(windowRows[g.first][WINDOW.end]);
  const to = isoSeconds(windowRows[g.last][WINDOW.end]);
  $('readout').textContent = (g.first === g.last ? 'window ending ' + from
    : (g.last - g.first + 1) + ' windows ending ' + from + ' to ' + to) + ': ' + text.join(', ') +
    '; ' + g.promises + ' promises' + (chosen ? ' (filtered; Esc shows all)' : '');
  $('bars').setAttribute('aria-valuenow', bars.at);
  $('bars').setAttribute('aria-valuetext', $('readout').textContent);
}
function choose(first, last) {
  chosen = first === null ? null : [first, last];
  if (chosen) bars.at = Math.max(0, bars.groups.findIndex((g) => g.last >= first));
  refresh();
  draw();
  readout();
}
function timeline() {
  const canvas = $('bars');
  $('legend').replaceChildren(...[['fault', 'a fault'],
      ['unknown', 'no fault; its end is not known'],
    ['ok', 'ended as it should']].map(([name, text]) => el('span', {}, tag(name), ' ' + text)));
  const at = (event) => Math.max(0, Math.min(bars.groups.length - 1,
    Math.floor(event.offsetX / (canvas.clientWidth / Math.max(1, bars.groups.length)))));
  const move = (index) => { bars.at = index; draw(); readout(); };
  const take = () => {
    const g = bars.groups[bars.at];
    if (g) choose(g.first, g.last);
  };
  canvas.addEventListener('mousemove', (event) => move(at(event)));
  canvas.addEventListener('click', (event) => { move(at(event)); take(); });
  canvas.addEventListener('keydown', (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1, PageDown: 20, PageUp: -20,
      Home: -bars.groups.length, End: bars.groups.length };
    if (event.key === 'Enter') take();
    else if (event.key === 'Escape') choose(null);
    else if (event.key in steps) {
      move(Math.max(0, Math.min(bars.groups.length - 1, bars.at + steps[event.key])));
    } else return;
    event.preventDefault();
  });
  window.addEventListener('resize', () => { group(); draw(); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  canvas.setAttribute('aria-valuemax', 0);
  group();
  canvas.setAttribute('aria-valuemax', Math.max(0, bars.groups.length - 1));
  draw();
  readout();
}

// ---- start --------------------------------------------------------------------------------------

for (const node of document.querySelectorAll('.js')) node.hidden = false;
options($('f-kind'), unique(data.findings.map((f) => f.kind)), 'all');
options($('f-verdict'), unique(data.findings.map((f) => f.verdict)), 'all');
options($('f-signer'), unique(data.findings.map((f) => f.signer)), 'all');
options($('b-landing'), unique(blocks.map((b) => b.landing)), 'all');
options($('b-signer'), unique(blocks.map((b) => b.signer)), 'all');
for (const node of document.querySelectorAll('.filters select')) node.addEventListener('change',
    refresh);
for (const node of document.querySelectorAll('.filters input')) node.addEventListener('input',
    refresh);
$('close').addEventListener('click', () => $('detail').close());
$('cuts').replaceChildren(...Object.entries(data.not_shown).filter(([, count]) => count > 0)
  .map(([name, count]) => el('li', {}, 'not shown: ' + count + ' ' +
      (name === 'rows' ? 'blocks without findings' : name))));
refresh();
signerList.show(data.signers, data.signers.length, cut('signers'));
timeline();
// REPORT.html#block=52 and #finding=ID open what they name.
function follow() {
  const [what, value] = decodeURIComponent(location.hash.slice(1)).split('=');
  const block = what === 'block' && blocks.find((b) => String(b.number) === value);
  const finding = what === 'finding' && findingsById.get(value);
  if (block) openBlock(block);
  if (finding) openFinding(finding);
}
window.addEventListener('hashchange', follow);
follow();
document.documentElement.dataset.ready = 'yes';
