// Sends every export file of a folder to a running daemon and holds what came of it against
// what NAME.expect.json says, then takes it out again: node check.mjs URL FOLDER
// Writes TAP.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

const [url, folder] = process.argv.slice(2);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
let n = 0;

function files(dir) {
  return readdirSync(dir)
    .sort()
    .flatMap((name) => {
      const path = join(dir, name);
      return statSync(path).isDirectory() ? files(path) : [path];
    });
}

async function ended(id) {
  for (let i = 0; i < 400; i++) {
    const o = await (await fetch(`${url}/api/v1/imports/${id}?limit=10000`)).json();
    if (['done', 'refused', 'undone'].includes(o.state)) return o;
    await sleep(10 + i);
  }
  throw new Error(`import ${id} does not end`);
}

async function send(path, options) {
  const query = new URLSearchParams({ file: basename(path), ...options });
  const answer = await fetch(`${url}/api/v1/imports?${query}`, {
    method: 'POST',
    body: readFileSync(path),
  });
  const o = await answer.json();
  if (answer.status >= 400) return { state: 'refused', code: o.code, sentence: o.detail, rows: [] };
  return ended(o.id);
}

async function undo(id) {
  await fetch(`${url}/api/v1/imports/${id}`, { method: 'DELETE' });
  await ended(id);
}

const same = (want, got, others) =>
  want === got || (want === '' && got === null) || (want === null && got === undefined) || (others || []).includes(got);

// The differences between an expected record and what the daemon has.
async function compare(record, kind) {
  const wrong = [];
  let got;
  if (kind === 'post') {
    const ids = [record.id, ...(record.id_alternatives || [])];
    for (const id of ids) {
      const r = await fetch(`${url}/api/v1/posts/${record.platform}/${encodeURIComponent(id)}`);
      if (r.status === 200) got = await r.json();
    }
    if (!got) return [`there is no post ${record.platform}/${record.id}`];
    if (record.covers || record.day || record.period || got.likes === null) {
      const day = record.day || (record.covers && record.covers[0]);
      const o = (got.observations || []).find(
        (x) => x.kind !== 'lifetime' && (!day || x.covers_from === day));
      got = o ? { ...got, ...o, ...(o.metrics || {}) } : got;
    }
  } else {
    const list = await (
      await fetch(`${url}/api/v1/traffic?from=${record.date}&to=${record.date}&limit=1000`)
    ).json();
    got = list.traffic.find(
      (t) => [record.source, ...(record.source_alternatives || [])].includes(t.source) &&
        (!record.campaign || t.campaign === record.campaign));
    if (!got) return [`there is no traffic of ${record.date} from ${record.source}`];
  }
  for (const [key, want] of Object.entries(record)) {
    if (key.endsWith('_alternatives') || ['id', 'source', 'day', 'period', 'covers', 'observation',
      'posted_at_day_only', 'open', 'value'].includes(key) || typeof want === 'object' && want !== null)
      continue;
    if (!same(want, got[key], record[`${key}_alternatives`]))
      wrong.push(`${key} is ${JSON.stringify(got[key])}, not ${JSON.stringify(want)}`);
  }
  return wrong;
}

async function check(path) {
  const want = JSON.parse(readFileSync(`${path}.expect.json`));
  if (want.option_values)
    want.option_values = Object.fromEntries(
      Object.entries(want.option_values).map(([k, v]) => [k.replace('-', '_'), v]));
  const wrong = [];

  if ((want.options_needed || []).length && want.option_values) {
    const asked = await send(path, {});
    if (asked.state !== 'refused') wrong.push(`without its option it was ${asked.state}`);
    else if (!Object.keys(want.option_values).some((o) => (asked.sentence || '').includes(o)))
      wrong.push(`the option is not named: ${asked.sentence}`);
    if (asked.id) await undo(asked.id);
  }
  const got = await send(path, want.option_values || {});
  if (want.kind === 'refuse') {
    if (got.state !== 'refused') wrong.push(`it was ${got.state}, not refused`);
    else if (!got.sentence || !got.code) wrong.push('it does not say why');
    else if (want.code && want.code !== got.code) wrong.push(`refused as ${got.code}, not ${want.code}`);
  } else if (got.state !== 'done') {
    wrong.push(`it was ${got.state}: ${got.code} ${got.sentence}`);
  } else {
    const counts = {
      rows: got.received,
      stored_rows: got.inserted + got.updated + got.unchanged,
      skipped_rows: got.skipped,
      rejected_rows: got.rejected,
    };
    for (const [name, have] of Object.entries(counts))
      if (have !== want[name]) wrong.push(`${name}: ${have}, not ${want[name]}`);
    for (const r of want.records || []) wrong.push(...(await compare(r, want.kind)));
  }
  if (got.state === 'done' && got.received !== got.inserted + got.updated + got.unchanged + got.skipped + got.rejected)
    wrong.push('not every row is accounted for');
  for (const r of got.rows || [])
    if (!r.sentence || !r.code || !r.line) wrong.push(`a lost row without its place: ${JSON.stringify(r)}`);
  if (got.id) await undo(got.id);
  console.log(`${wrong.length ? 'not ok' : 'ok'} ${++n} - ${relative(folder, path)}: ${want.why || want.kind}`);
  for (const w of wrong) console.log(`# ${w}`);
  if (wrong.length) for (const r of (got.rows || []).slice(0, 6))
    console.log(`#   line ${r.line} ${r.heading || ''}: ${r.outcome} ${r.code}: ${r.sentence}`);
}

for (const path of files(folder)) {
  if (path.endsWith('.expect.json') || path.endsWith('.py')) continue;
  await check(path);
}
console.log(`1..${n}`);
