// The page: pictures drawn by the daemon, put in place; tables; what is due; files that come in.
// It talks to /api/v1 and /charts alone, and writes text, never markup.
'use strict';

const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat(navigator.language, { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(navigator.language, { style: 'percent', signDisplay: 'exceptZero', maximumFractionDigits: 1 });
const dayFormat = new Intl.DateTimeFormat(navigator.language, { dateStyle: 'medium', timeZone: 'UTC' });
const day = (text) => (/^\d{4}-\d\d-\d\d$/.test(text || '') ? dayFormat.format(new Date(`${text}T00:00:00Z`)) : text || '');
let asked = new URLSearchParams(location.search);
const OF_POSTS = ['type', 'tag', 'account', 'platform', 'region'];
const LIFT = ['metric', 'source', 'start', 'end', 'baseline', 'control', ...OF_POSTS];
const POSTS = [...OF_POSTS, 'from', 'to'];
const KNOWN = [...LIFT, 'from', 'to', 'by'];
const WORDS = { up: 'up', down: 'down', 'weak-up': 'a weak hint of up', 'weak-down': 'a weak hint of down', flat: 'flat', 'cannot-tell': 'cannot be told', 'insufficient-data': 'too little to judge by', 'follow-up-due': 'follow-up due' };
const words = (name) => WORDS[name] || name;
let region = ''; // that of a sample, where nothing else is stored

// Marks in a name that turn the writing around would turn the words behind it as well.
const plain = (text) => String(text).replace(/[\u202a-\u202e]/g, '');
function element(name, text, attributes) {
  const e = document.createElement(name);
  if (text !== undefined && text !== null) e.textContent = plain(text);
  for (const [key, value] of Object.entries(attributes || {})) e.setAttribute(key, value);
  return e;
}
// Days in it as the reader's language has them.
const local = (text) => text.replace(/\d{4}-\d\d-\d\d/g, day);
const say = (text) => { $('told').textContent = local(plain(text)); };

// What was asked, of these names; empty ones are not.
function query(names, more) {
  const q = new URLSearchParams();
  for (const name of names) for (const value of asked.getAll(name)) if (value) q.append(name, value);
  if (region && !q.has('region') && names.includes('region')) q.set('region', region);
  for (const [name, value] of Object.entries(more || {})) q.set(name, value);
  return q;
}

class Refused extends Error {}
async function get(path) {
  let answer;
  try {
    answer = await fetch(path, { headers: { Accept: 'application/json' } });
  } catch {
    throw new Error('postlift does not answer. Is the daemon running? The page tries again by itself.');
  }
  if (answer.ok) return answer.json();
  if (answer.status === 401) location.assign('/sign-in');
  const problem = await answer.json().catch(() => ({}));
  throw new (answer.status === 422 || answer.status === 404 ? Refused : Error)(problem.detail || `The daemon answered with ${answer.status}.`);
}

function table(columns, rows) {
  const t = element('table');
  const head = t.createTHead().insertRow();
  for (const [heading, , kind] of columns) head.append(element('th', heading, { scope: 'col', ...(kind ? { class: 'n' } : {}) }));
  const body = t.createTBody();
  for (const row of rows) {
    const r = body.insertRow();
    for (const [, value, kind] of columns) {
      let v = value(row);
      if (v instanceof Node) { const c = r.insertCell(); c.append(v); if (kind) c.className = 'n'; continue; }
      const missing = v === undefined || v === null;
      if (kind === 'n' && !missing) v = number.format(v);
      if (kind === '%' && !missing) v = percent.format(v);
      const cell = r.insertCell();
      cell.textContent = missing ? '–' : plain(v);
      if (kind) cell.className = 'n';
    }
  }
  return t;
}
// A table in a box that scrolls, by the keyboard too.
function boxed(columns, rows, label) {
  const box = element('div', undefined, { class: 'wide', tabindex: '0', role: 'region', 'aria-label': label });
  box.append(table(columns, rows));
  return box;
}
function putTable(name, columns, rows) {
  const details = $(`table-${name}`);
  details.querySelector('.wide').replaceWith(boxed(columns, rows, details.querySelector('summary').textContent));
  details.hidden = false;
}

// ---- pictures: points tell themselves by pointer and by arrow keys ----
function alive(figure) {
  const points = [...figure.querySelectorAll('[data-v]')];
  const told = (p) => p.querySelector('title')?.textContent || '';
  let at = -1;
  if (!points.length) return;
  figure.setAttribute('tabindex', '0');
  figure.setAttribute('role', 'group');
  figure.setAttribute('aria-label', 'A picture; arrow keys go from point to point');
  const choose = (i) => {
    if (points[at]) points[at].classList.remove('on-point');
    at = Math.max(0, Math.min(points.length - 1, i));
    points[at].classList.add('on-point');
    say(told(points[at]));
  };
  const pick = (p) => {
    const date = /^(\d{4}-\d\d-\d\d): /.exec(told(p));
    const link = p.closest('a');
    if (link) location.href = link.getAttribute('href');
    if (figure.id !== 'fig-lift' || !date) return;
    $('controls').elements.start.value = date[1];
    say(`Start: ${day(date[1])}. "Ask" asks about it.`);
  };
  figure.onkeydown = (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 7, ArrowUp: -7, PageDown: 28, PageUp: -28 }[e.key];
    if (step) choose(at + step);
    else if (e.key === 'Home') choose(0);
    else if (e.key === 'End') choose(points.length - 1);
    else if (e.key === 'Enter' && points[at]) pick(points[at]);
    else return;
    e.preventDefault();
  };
  figure.onpointerover = (e) => { const p = e.target.closest?.('[data-v]'); if (p) say(told(p)); };
  figure.onclick = (e) => { const p = e.target.closest?.('[data-v]'); if (p && !p.closest('a')) pick(p); };
  figure.onblur = () => { points[at]?.classList.remove('on-point'); say(''); };
}
async function picture(name, q) {
  const figure = $(`fig-${name}`);
  const answer = await fetch(`/charts/${name}.svg?${q}`);
  if (!(answer.headers.get('Content-Type') || '').startsWith('image/svg')) throw new Error(`The picture did not come (${answer.status}).`);
  const svg = new DOMParser().parseFromString(await answer.text(), 'image/svg+xml').documentElement;
  if (svg.nodeName !== 'svg') throw new Error('The picture cannot be read.');
  for (const e of svg.querySelectorAll('[tabindex], a')) e.setAttribute('tabindex', '-1'); // arrow keys go from point to point
  figure.replaceChildren(document.adoptNode(svg));
  figure.classList.remove('to-come');
  if (answer.status === 422) throw new Refused(''); // the picture says why
  alive(figure);
}

// ---- the parts ----
const VERDICTS = { up: '▲ Up', down: '▼ Down', 'weak-up': '△ A weak hint of up', 'weak-down': '▽ A weak hint of down', flat: '■ Flat', 'cannot-tell': '○ Cannot be told', 'insufficient-data': '○ Too little to judge by' };

// The controls say what is asked, whether the address says so or not.
function fill(q) {
  for (const e of $('controls').elements) {
    const value = q.get(e.name) || asked.get(e.name) || e.dataset.first || '';
    if (e.name && e !== document.activeElement) e.value = e.type !== 'date' || /^\d{4}-\d\d-\d\d$/.test(value) ? value : '';
  }
  $('narrow').open = $('narrow').open || ['by', ...POSTS].some((name) => asked.get(name));
}
async function showLift(overview) {
  const q = query(LIFT);
  if (!q.get('source')) q.set('source', overview.default_question.source || 'social');
  if (!q.get('start') && overview.default_question.start) q.set('start', overview.default_question.start);
  fill(q);
  if (!overview.traffic_days) return;
  let a;
  try {
    a = await get(`/api/v1/lift?${q}&series=1`);
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    $('finding').replaceChildren(element('p', 'That cannot be answered', { class: 'verdict' }), element('p', e.message, { class: 'sentence' }));
    $('fig-lift').replaceChildren();
    $('table-lift').hidden = $('csv-lift').hidden = true;
    return;
  }
  const parts = [element('p', VERDICTS[a.verdict] || a.verdict, { class: 'verdict' }), element('p', a.sentence, { class: 'sentence' })];
  if (!asked.get('start') && overview.default_question.why) parts.push(element('p', overview.default_question.why, { class: 'soft' }));
  if (a.plan?.sentence) parts.push(element('p', a.plan.sentence, { class: 'soft' }));
  if (a.warnings.length) {
    const d = element('details');
    d.append(element('summary', `What to know of it (${number.format(a.warnings.length)})`));
    const ul = element('ul');
    for (const w of a.warnings) ul.append(element('li', w.detail));
    d.append(ul);
    parts.push(d);
  }
  $('finding').replaceChildren(...parts);
  await picture('lift', new URLSearchParams([...q, ['caption', '0']]));
  $('csv-lift').href = `/api/v1/lift?${q}&series=1&format=csv`;
  $('csv-lift').hidden = false;
  putTable('lift', [['Day', (r) => day(r.date)], ['Value', (r) => r.value, 'n'], ['Expected', (r) => r.expected, 'n'],
    ['from', (r) => r.expected_low, 'n'], ['to', (r) => r.expected_high, 'n'], ['Part', (r) => words(r.period)], ['State', (r) => r.state]], a.series);
}
const effect = (o, none) => (Array.isArray(o?.interval) ? `${percent.format(o.lift)} (${o.interval.map((v) => percent.format(v)).join(' … ')}), ${words(o.verdict)}` : o?.days_with && !o.days_without ? 'posted every day' : words(none || 'insufficient-data'));
async function showTypes() {
  const q = query([...POSTS, 'metric', 'source', 'by']);
  await picture('types', q);
  $('csv-types').href = `/api/v1/types?${q}&format=csv`;
  const a = await get(`/api/v1/types?${q}`);
  const columns = [['Kind', (r) => r[a.question.by] || r.name || '(none)'], ['Posts', (r) => r.posts, 'n'], ['Pleases: engagement', (r) => effect(r.engagement)], ['Moves: days with one', (r) => effect(r.traffic)]];
  if (a.types.some((r) => r.sessions?.lift !== undefined)) columns.push(['Sessions by its own link', (r) => effect(r.sessions)]);
  putTable('types', [...columns, ['In words', (r) => r.sentence]], a.types);
}
async function showPosts() {
  const q = query(POSTS);
  await picture('posts', q);
  $('csv-posts').href = `/api/v1/posts/outliers?${q}&format=csv`;
  const a = await get(`/api/v1/posts/outliers?${q}`);
  putTable('posts', [['Kind', (r) => r.kind], ['Platform', (r) => r.platform], ['Type', (r) => r.type], ['Post', (r) => (/^https?:/.test(r.url || '') ? element('a', r.excerpt || r.id, { href: r.url, rel: 'noreferrer' }) : r.excerpt || r.id)],
    ['Of', (r) => day(r.day)], ['Value', (r) => r.value, 'n'], ['Times typical', (r) => r.times_typical, 'n']], a.outliers || a.posts || []);
}
async function showCadence() {
  const q = query(POSTS);
  await picture('cadence', q);
  $('csv-cadence').href = `/api/v1/cadence?${q}&format=csv`;
  const a = await get(`/api/v1/cadence?${q}`);
  putTable('cadence', [['Platform', (r) => r.platform], ['Type', (r) => r.type], ['Posts', (r) => r.posts, 'n'], ['First', (r) => day(r.first)], ['Last', (r) => day(r.last)],
    ['A week', (r) => r.per_week, 'n'], ['Missed days', (r) => r.missed_days, 'n'], ['Longest gap', (r) => r.longest_gap_days, 'n']], a.groups || []);
}
async function showExperiments() {
  const due = await get('/api/v1/due');
  $('due').replaceChildren(...(due.due.length ? due.due.map((d) => element('p', d.sentence.replace(/ is there: .*/s, ' is there.'))) : [element('p', 'Nothing is due today.')]));
  const all = (await get('/api/v1/experiments')).experiments.filter((e) => e.region === region || !(e.region || '').startsWith('sample-'));
  if (!all.length) {
    $('runs').replaceChildren(element('p', 'No experiment is written down yet. Days drawn by coin can tell within weeks what before and after cannot in months: see "postlift plan" and "postlift experiment new".', { class: 'soft' }));
    return;
  }
  const link = (e, text) => element('a', text || e.name, { href: `/api/v1/experiments/${encodeURIComponent(e.slug)}/report` });
  $('runs').replaceChildren(boxed([['Experiment', link], ['Last finding', (e) => (e.verdict ? effect(e, e.verdict) : 'none yet')], ['State', (e) => words(e.state)], ['From', (e) => day(e.start)], ['To', (e) => day(e.stopped || e.end)], ['Findings', (e) => e.findings, 'n']], all, 'Experiments'));
  const found = all.filter((e) => e.findings).pop();
  if (found && !asked.size) {
    $('tested').replaceChildren(element('p', 'The newest finding of an experiment', { class: 'soft' }), element('p', VERDICTS[found.verdict], { class: 'verdict' }), element('p', found.sentence, { class: 'sentence' }),
      element('p'), element('p', 'Before and after, whoever drew the days', { class: 'soft' }));
    $('tested').children[3].append(link(found, 'The whole of it'));
  } else {
    $('tested').replaceChildren();
  }
  for (const e of all.filter((x) => x.state === 'running').slice(0, 5)) {
    try {
      const r = await get(`/api/v1/experiments/${encodeURIComponent(e.slug)}/reading`);
      $('runs').append(element('p', r.sentence));
    } catch { /* nothing to read yet */ }
  }
}
async function showData(overview) {
  const parts = [];
  if (!overview.traffic_days && !overview.posts) {
    parts.push(element('p', 'Nothing is stored yet. Bring in a first file below: an export of your posts, or of your website\'s daily sessions by source. The command line does it too: postlift import FILE.', { class: 'sentence' }));
    $('finding').replaceChildren(element('p', 'Nothing is stored yet', { class: 'verdict' }), element('p', 'Bring in a first file, and the answer stands here.', { class: 'sentence' }));
    for (const name of ['types', 'posts', 'cadence']) $(name).hidden = true;
    $('fig-lift').replaceChildren();
  } else {
    const columns = [['Source or account', (r) => r.name], ['Newest day', (r) => day(r.newest)]];
    if (overview.newest.some((r) => r.region !== '-')) columns.push(['Region', (r) => (r.region === '-' ? '' : r.region)]);
    parts.push(boxed(columns, overview.newest.filter((r) => r.name), 'The newest day of each source and account'));
  }
  $('fresh').replaceChildren(...parts);
  for (const [id, values] of [['sources', overview.newest.filter((r) => r.kind === 'source')], ['accounts', overview.newest.filter((r) => r.kind === 'account' && r.value)]])
    $(id).replaceChildren(...values.slice(0, 200).map((r) => element('option', undefined, { value: r.value })));
  const list = (await get('/api/v1/imports?limit=10')).imports.filter((i) => !i.parent_id);
  if (list.length)
    $('imports').replaceChildren(element('h3', 'Last imports'), boxed([['File', (i) => i.file], ['Read as', (i) => i.profile], ['State', (i) => i.state], ['New', (i) => i.inserted, 'n'], ['Changed', (i) => i.updated, 'n'],
      ['Rejected', (i) => (i.rejected ? element('a', number.format(i.rejected), { href: `/api/v1/imports/${i.id}/rejected` }) : '0'), 'n']], list, 'Last imports'));
}

// ---- files that come in ----
function send(file, report) {
  return new Promise((done, failed) => {
    const x = new XMLHttpRequest();
    x.open('POST', `/api/v1/imports?file=${encodeURIComponent(file.name)}`);
    x.setRequestHeader('Content-Type', 'application/octet-stream');
    x.upload.onprogress = (e) => { if (e.lengthComputable) report.value = e.loaded / e.total; };
    x.onerror = () => failed(new Error('postlift does not answer, so the file was not taken in. Is the daemon running?'));
    x.onload = () => { let o = {}; try { o = JSON.parse(x.responseText); } catch { /* no JSON */ } o.already = x.status === 200; x.status < 300 ? done(o) : failed(new Error(o.detail || `The daemon answered with ${x.status}.`)); };
    x.send(file);
  });
}
async function bring(files) {
  for (const file of files) {
    const box = element('div');
    const bar = element('progress', undefined, { max: '1', 'aria-label': `Sending ${file.name}` });
    box.append(element('p', file.name), bar);
    $('took').append(box);
    try {
      let o = await send(file, bar);
      const already = o.already;
      for (let i = 0; ['queued', 'running'].includes(o.state); i++) {
        await new Promise((r) => setTimeout(r, Math.min(1000, 50 + i * 20)));
        o = await get(`/api/v1/imports/${o.id}?limit=20&outcome=rejected`);
        if (o.rows_total) bar.value = o.rows_done / o.rows_total;
      }
      bar.remove();
      if (o.state === 'refused') { box.append(element('p', o.sentence, { class: 'bad' })); continue; }
      if (already) box.append(element('p', 'This file was taken in before; nothing changed. What it brought then:'));
      box.append(element('p', `Read as ${o.profile}: ${number.format(o.inserted)} new, ${number.format(o.updated)} changed, ${number.format(o.unchanged)} as before, ${number.format(o.skipped)} skipped, ${number.format(o.rejected)} rejected.`));
      if (o.rejected) {
        box.append(boxed([['Line', (r) => r.line, 'n'], ['Column', (r) => r.heading || r.column], ['Value', (r) => r.value], ['Why', (r) => r.sentence]], o.rows || [], `Rejected rows of ${file.name}`),
          element('a', 'Rejected rows, to be mended and brought in again', { href: `/api/v1/imports/${o.id}/rejected`, download: `rejected-${file.name}` }));
      }
    } catch (e) {
      bar.remove();
      const again = element('button', 'Try again', { type: 'button' });
      again.addEventListener('click', () => { box.remove(); bring([file]); });
      box.append(element('p', e.message, { class: 'bad' }), again);
    }
  }
  await show().catch((e) => say(e.message));
}

// ---- all of it ----
let revision = -1;
async function show() {
  const overview = await get(`/api/v1/overview?${query(OF_POSTS)}`);
  revision = overview.revision;
  region = overview.default_question.region || '';
  const unknown = [...asked.keys()].filter((name) => !KNOWN.includes(name));
  say(unknown.length ? `This page knows no "${unknown.join('", "')}"; the rest is answered.` : '');
  for (const name of ['types', 'posts', 'cadence']) $(name).hidden = !overview.posts;
  const parts = [showData(overview)];
  if (overview.traffic_days || overview.posts) parts.push(showLift(overview));
  if (overview.posts) parts.push(showTypes(), showPosts(), showCadence());
  parts.push(showExperiments());
  for (const r of await Promise.allSettled(parts)) {
    if (r.status === 'fulfilled') continue;
    if (!(r.reason instanceof Refused)) throw r.reason;
    if (r.reason.message) say(r.reason.message);
  }
}
async function watch() {
  try {
    const overview = await get('/api/v1/overview');
    if (overview.revision !== revision) await show();
    else say('');
  } catch (e) {
    say(e.message);
  }
}
// Without leaving the page, so that a question asked while the daemon is away is not lost.
function ask(e) {
  const q = new URLSearchParams();
  for (const field of e.target.elements) if (field.name && field.value && field.value !== (field.dataset.first || '')) q.append(field.name, field.value);
  e.preventDefault();
  history.pushState(null, '', q.size ? `/?${q}` : '/');
  asked = q;
  show().then(() => $('main').focus(), (error) => say(error.message));
}
function begin() {
  fill(asked);
  $('controls').addEventListener('submit', ask);
  addEventListener('popstate', () => { asked = new URLSearchParams(location.search); show().catch((e) => say(e.message)); });
  get('/api/v1/session').then((s) => {
    $('signed').hidden = !s.by_session;
    $('signed').firstElementChild.textContent = s.name || '';
  }).catch(() => {});
  $('signed').lastElementChild.addEventListener('click', () => fetch('/session/end', { method: 'POST' }).then(() => location.assign('/sign-in')));
  $('drop').hidden = false;
  $('file').addEventListener('change', (e) => bring([...e.target.files]));
  for (const name of ['dragover', 'dragleave', 'drop'])
    $('drop').addEventListener(name, (e) => { e.preventDefault(); $('drop').classList.toggle('over', name === 'dragover'); if (name === 'drop') bring([...e.dataTransfer.files]); });
  alive($('fig-lift'));
  show().catch((e) => say(e.message));
  setInterval(watch, 15000);
}
begin();
