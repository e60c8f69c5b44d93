// Real export files, where they are at hand: each goes in or is refused with its reason, and every
// row is accounted for, by the count of another program (csv-parse): node count.mjs URL FOLDER
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parse } from 'csv-parse/sync';

const [url, folder] = process.argv.slice(2);
let n = 0;

function files(dir) {
  return readdirSync(dir).sort().flatMap((name) => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? (name === 'daily' ? [] : files(path)) : [path];
  });
}

// Records below the first heading; titles above it have one cell.
function rowsOf(bytes) {
  const text = bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le') : bytes.toString('utf8');
  const all = parse(text, { bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true });
  return all.length - all.findIndex((r) => r.length > 1) - 1;
}

for (const path of files(folder)) {
  if (!/\.csv(\.txt)?$/.test(path)) continue;
  const query = new URLSearchParams({ file: basename(path) });
  let o = await (await fetch(`${url}/api/v1/imports?${query}`, { method: 'POST', body: readFileSync(path) })).json();
  for (let i = 0; i < 400 && o.id && !['done', 'refused'].includes(o.state); i++) {
    await new Promise((done) => setTimeout(done, 10 + i));
    o = await (await fetch(`${url}/api/v1/imports/${o.id}`)).json();
  }
  const want = rowsOf(readFileSync(path));
  const got = o.inserted + o.updated + o.unchanged + o.skipped + o.rejected;
  const ok = want > 0 && got === want && o.received === want && (o.state === 'done' || (o.sentence && o.rejected === want));
  console.log(`${ok ? 'ok' : 'not ok'} ${++n} - ${relative(folder, path)}: ${o.state}, ${got} of ${want} rows accounted for`);
  if (!ok) console.log(`# ${JSON.stringify(o).slice(0, 600)}`);
}
console.log(`1..${n}`);
