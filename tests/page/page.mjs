// The page in a real browser: node page.mjs URL SITUATION FOLDER. Screenshots go to the folder.
// Writes TAP.
import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [url, situation, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let n = 0;
const report = (ok, what, why = '') => {
  n++;
  console.log(`${ok ? 'ok' : 'not ok'} ${n} - ${what}`);
  if (!ok && why) console.log(String(why).replace(/^/gm, '# '));
};
const equal = (what, want, got) => report(JSON.stringify(want) === JSON.stringify(got), what, `wanted ${JSON.stringify(want)}\n   got ${JSON.stringify(got)}`);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });

// A page that notes every message and every request that leaves the daemon.
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, locale: 'en-GB', bypassCSP: false, ...options });
  const page = await context.newPage();
  page.notes = [];
  page.quiet = false;
  page.on('console', (m) => { if (!page.quiet) page.notes.push(`console: ${m.text()}`); });
  page.on('response', async (r) => { if (r.status() >= 400 && !page.quiet) page.notes.push(`${r.status()} ${r.url()} ${(await r.text().catch(() => '')).slice(0, 200)}`); });
  page.on('pageerror', (e) => page.notes.push(`error: ${e.message}`));
  page.on('request', (r) => { if (!r.url().startsWith(url) && !r.url().startsWith('data:')) page.notes.push(`left: ${r.url()}`); });
  await page.goto(url + path, { waitUntil: 'load' });
  return page;
}
const settled = (page) => page.waitForFunction(() => document.querySelectorAll('figure svg').length >= 4 && document.querySelector('#runs').childElementCount && document.querySelector('#fresh').childElementCount, undefined, { timeout: 20000 });
async function violations(page) {
  // evaluated by the browser's debugger, which no policy of the page binds
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return found.violations.map((v) => `${v.id}: ${v.help} (${v.nodes.slice(0, 3).map((x) => x.target.join(' ')).join('; ')})`);
}
const shot = (page, name) => page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function sample() {
  for (const [name, options] of [
    ['wide light', {}], ['wide dark', { colorScheme: 'dark' }],
    ['phone light', { viewport: { width: 360, height: 740 } }], ['phone dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
    ['zoomed', { viewport: { width: 550, height: 450 }, deviceScaleFactor: 2 }], ['forced colours', { forcedColors: 'active' }], ['wall', { viewport: { width: 1920, height: 1080 } }],
  ]) {
    const page = await open('/', options);
    await settled(page);
    equal(`${name}: nothing on the console, nothing leaves the daemon`, [], page.notes);
    equal(`${name}: nothing is wider than the window`, 0, await wide(page));
    equal(`${name}: axe finds nothing`, [], await violations(page));
    await shot(page, `sample-${name.replace(' ', '-')}`);
    await page.context().close();
  }
  const page = await open('/');
  await settled(page);
  const pictures = await page.evaluate(() => performance.getEntriesByType('resource').map((r) => new URL(r.name).pathname).filter((p) => p.startsWith('/charts/')).sort());
  equal('no picture is asked for twice', ['/charts/cadence.svg', '/charts/lift.svg', '/charts/posts.svg', '/charts/types.svg'], pictures);
  const text = await page.textContent('#finding');
  report(text.includes('Sessions from social were 12 % higher in the 30 days from 28 November 2022'), 'the sentence stands first', text);
  report(text.includes('Cannot be told'), 'the verdict in words, not by colour', text);
  report(/30\s?% would be seen in 14 more days/.test(text), 'and how many more days it would take', text);
  report((await page.textContent('#fig-types desc')).includes('shown to please'), 'pleases or moves has its sentence');
  equal('tables stand beside the pictures', [120, 4], [await page.locator('#table-lift tbody tr').count(), await page.locator('#table-types tbody tr').count()]);
  // by keyboard alone
  const reached = new Set();
  await page.locator('body').click({ position: { x: 1, y: 1 } });
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      const o = getComputedStyle(e);
      return { name: e === document.body ? 'nothing' : e.id || e.getAttribute('name') || e.textContent.trim().slice(0, 30), seen: o.outlineStyle !== 'none' || e.matches('input,select,summary') };
    });
    if (at.name === 'nothing') break;
    reached.add(at.name);
    if (!at.seen) report(false, `focus is visible on ${at.name}`);
  }
  const wanted = ['fig-lift', 'fig-types', 'fig-posts', 'fig-cadence', 'metric', 'source', 'start', 'end', 'file', 'Ask'];
  equal('the keyboard alone reaches every control and picture', [], wanted.filter((w) => !reached.has(w)));
  await page.focus('#fig-lift');
  await page.keyboard.press('End');
  report(/^27 Dec 2022: \d+ \(expected \d+, \d+ to \d+\); posts: /.test(await page.textContent('#told')), 'arrow keys tell the value of a point, its day in the language of the reader', await page.textContent('#told'));
  await page.keyboard.press('Enter');
  equal('and pick its day', '2022-12-27', await page.inputValue('input[name=start]'));
  await page.hover('#fig-lift circle.p >> nth=40');
  report(/^\d+ \w+ 2022: \d+/.test(await page.textContent('#told')), 'so does the pointer');
  // another question is in the address
  await page.fill('input[name=start]', '2022-12-10');
  await page.click('#controls button');
  await page.waitForFunction(() => document.querySelector('#finding').textContent.includes('10 December 2022'));
  report(page.url().includes('start=2022-12-10'), 'what is asked stands in the address', page.url());
  report((await page.textContent('#finding')).includes('10 December 2022'), 'and is answered');
  equal('no control is left blank that has a value', ['sessions', 'type'], [await page.inputValue('select[name=metric]'), await page.inputValue('select[name=by]')]);
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('#finding').textContent.includes('28 November 2022'));
  report(true, 'and the question before is one step back');
  await page.goto(`${url}/?metric=sessions&colour=red&type=meme`);
  await page.waitForFunction(() => document.querySelector('#told').textContent.includes('colour'));
  equal('a parameter that the page does not know is named, others stand in their controls', ['sessions', 'meme'], [await page.inputValue('select[name=metric]'), await page.inputValue('input[name=type]')]);
  await page.context().close();

  const odd = await open('/?source=pigeon');
  await odd.waitForFunction(() => document.querySelector('#finding').textContent.includes('pigeon'));
  report((await odd.textContent('#finding')).includes('No traffic is stored of a source "pigeon"'), 'a question that cannot be answered is said in words', await odd.textContent('#finding'));
  await odd.context().close();

  const mailed = await open('/api/v1/report', { viewport: { width: 360, height: 740 } });
  equal('the report fits a telephone', 360, await mailed.evaluate(() => document.documentElement.scrollWidth));
  equal('axe finds nothing in it', [], await violations(mailed));
  await mailed.context().close();
  const bare = await open('/', { javaScriptEnabled: false });
  report((await bare.textContent('#finding')).includes('12 % higher'), 'without a script the sentence is there');
  equal('and its pictures', [1, 3], [await bare.locator('#fig-lift svg').count(), await bare.evaluate(() => [...document.querySelectorAll('figure img')].filter((i) => i.complete && i.naturalWidth).length)]);
  report((await bare.textContent('#finding')).includes('Asked first because posts of the type meme'), 'and why this is asked');
  report((await bare.textContent('#finding')).includes('Cannot be told'), 'and the verdict by word and shape');
  await bare.goto(`${url}/?type=poll&tag=%26%22%3Cx&metric=users`);
  equal('its pictures are of the posts that are asked about', ['types.svg?type=poll&tag=%26%22%3Cx&metric=users', 'posts.svg?type=poll&tag=%26%22%3Cx', 'cadence.svg?type=poll&tag=%26%22%3Cx'],
    await bare.evaluate(() => [...document.querySelectorAll('figure img')].map((i) => i.src.replace(/.*charts\//, ''))));
  await bare.goto(`${url}/?type=meme`);
  report((await bare.textContent('#finding')).includes('posts of the type meme, the newest to begin, began on 28 November 2022'), 'a kind that is asked about alone began where others went on', await bare.textContent('#finding'));
  await bare.goto(`${url}/?type=poll`);
  report((await bare.textContent('#finding')).includes('no type of post began lately'), 'and not where all begins', await bare.textContent('#finding'));
  report(!(await bare.isVisible('#drop')), 'and nothing that needs a script');
  await shot(bare, 'sample-without-script');
  await bare.context().close();
}

async function empty() {
  const page = await open('/');
  await page.waitForFunction(() => document.querySelector('#fresh').childElementCount);
  report((await page.textContent('#finding')).includes('Nothing is stored yet'), 'an empty database says so, and what to do', await page.textContent('#finding'));
  equal('nothing on the console', [], page.notes);
  equal('axe finds nothing', [], await violations(page));
  await shot(page, 'empty');
  await page.setInputFiles('#file', { name: 'days.csv', mimeType: 'text/csv', buffer: Buffer.from('date,source,sessions\n2024-01-01,social,10\n2024-01-02,social,<b>x</b>\n2024-01-03,social,12\n') });
  await page.waitForFunction(() => document.querySelector('#took').textContent.includes('rejected'));
  const took = await page.textContent('#took');
  report(took.includes('2 new') && took.includes('1 rejected') && took.includes('<b>x</b>'), 'a file is brought in, and its rejected row shown with its value', took);
  await page.setInputFiles('#file', { name: 'letter.csv', mimeType: 'text/csv', buffer: Buffer.from('Dear all,\nhello\n') });
  await page.waitForSelector('#took .bad');
  report((await page.textContent('#took .bad')).length > 20, 'a wrong file is refused in words');
  await shot(page, 'empty-after-files');
  await page.context().close();
}

async function hostile() {
  const page = await open('/');
  await settled(page);
  equal('hostile texts: nothing on the console, nothing runs, nothing leaves', [], page.notes);
  equal('nothing is wider than the window', 0, await wide(page));
  equal('no script came of them', 0, await page.locator('script:not([src])').count());
  equal('axe finds nothing', [], await violations(page));
  const turning = await page.evaluate(() => [document.body.textContent, ...[...document.querySelectorAll('title, [aria-label], [title]')].map((e) => e.textContent + e.getAttribute('aria-label') + e.getAttribute('title'))].filter((text) => /[\u202a-\u202e]/.test(text)).length);
  equal('no mark in a name turns the words behind it', 0, turning);
  report((await page.textContent('#runs')).includes('onerror=alert(6)'), 'though names with such marks are shown');
  await shot(page, 'hostile');
  const phone = await open('/', { viewport: { width: 360, height: 740 } });
  await settled(phone);
  equal('on a phone neither', 0, await wide(phone));
  await phone.context().close();
  await page.context().close();
}

// A made-up experiment is all there is: its finding leads, and posts of its region are shown.
async function coin() {
  const page = await open('/');
  await settled(page);
  await page.waitForFunction(() => document.querySelector('#tested').textContent);
  const text = await page.textContent('#tested');
  report(text.includes('▲ Up') && text.includes('drawn for sample-meme posts'), 'the finding of an experiment leads', text);
  report((await page.textContent('#fig-types desc')).includes('types with'), 'a sample that is alone is what the pictures are of', await page.textContent('#fig-types desc'));
  equal('nothing on the console', [], page.notes);
  equal('axe finds nothing', [], await violations(page));
  await shot(page, 'coin');
  const bare = await open('/', { javaScriptEnabled: false });
  report((await bare.textContent('#tested')).includes('drawn for sample-meme posts'), 'without a script too');
  report((await page.textContent('#runs')).replace(/\s+/g, ' ').includes('% … +16.1%), up') , 'the table of experiments tells the interval with the verdict', await page.textContent('#runs'));
  report((await (await fetch(`${url}/charts/posts.svg`)).text()).includes(', 59 of 61<'), 'a picture of posts says how many of them have a figure');
  for (const [name, least] of [['lift', 1], ['types', 0], ['posts', 0], ['cadence', 0]]) {
    const alone = await open(`/charts/${name}.svg`, { viewport: { width: 400, height: 700 } });
    const seen = await alone.evaluate(() => ({ wide: document.documentElement.getBoundingClientRect().width, cut: [...document.querySelectorAll('text')].filter((t) => { const b = t.getBBox(); return b.x < 0 || b.x + b.width > 480; }).map((t) => t.textContent) }));
    equal(`${name}.svg fits a window of 400 px, and no text leaves it`, [400, []], [seen.wide, seen.cut]);
    await alone.context().close();
  }
  await bare.context().close();
  await page.context().close();
}

// Values from 0 to 10^12, posts that stand out, a type of 40 letters.
async function extremes() {
  const page = await open('/');
  await settled(page);
  equal('huge values: nothing on the console', [], page.notes);
  equal('axe finds nothing where posts stand out and are links', [], await violations(page));
  for (const name of ['lift', 'types', 'posts', 'cadence']) {
    const alone = await open(`/charts/${name}.svg`);
    const seen = await alone.evaluate(() => {
      const boxes = [...document.querySelectorAll('text')].map((t) => ({ t: t.textContent, b: t.getBBox() }));
      const over = [];
      for (let i = 0; i < boxes.length; i++) for (let k = 0; k < i; k++) {
        const a = boxes[i].b, b = boxes[k].b;
        if (Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 1 && Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 6) over.push(`${boxes[i].t} / ${boxes[k].t}`);
      }
      return { over, cut: boxes.filter(({ b }) => b.x < 0 || b.x + b.width > 480).map(({ t }) => t), broken: /NaN|Infinity|inf\b/.test(document.documentElement.outerHTML) };
    });
    equal(`${name}.svg: no text over another, none cut, no figure that is none`, { over: [], cut: [], broken: false }, seen);
    await alone.context().close();
  }
  await shot(page, 'extremes');
  await page.context().close();
}

async function many() {
  const page = await open('/');
  await settled(page);
  equal('100,000 posts: nothing on the console', [], page.notes);
  await shot(page, 'many');
  for (const name of ['lift', 'types', 'posts', 'cadence']) {
    const picture = await (await fetch(`${url}/charts/${name}.svg`)).text();
    report(picture.length < 100000, `${name}.svg is below 100 kB`, picture.length);
  }
  await page.context().close();
}

// The daemon goes away and comes back: who calls this stops and starts it between the signs.
async function away() {
  const page = await open('/');
  await settled(page);
  page.quiet = true; // the browser itself notes requests that get no answer
  await page.setInputFiles('#file', []);
  console.log('# stop');
  await page.waitForFunction(() => document.querySelector('#told').textContent.includes('does not answer'), undefined, { timeout: 60000, polling: 500 });
  report(true, 'a daemon that went away is told in words');
  await page.fill('input[name=start]', '2022-12-10');
  await page.click('#controls button');
  report(await page.isVisible('#controls'), 'a question asked meanwhile does not lose the page');
  await page.setInputFiles('#file', { name: 'days.csv', mimeType: 'text/csv', buffer: Buffer.from('date,source,sessions\n2024-01-01,newsletter,10\n') });
  await page.waitForSelector('#took button');
  report((await page.textContent('#took')).includes('was not taken in'), 'a file brought meanwhile is said not to be taken in');
  console.log('# start');
  await page.waitForFunction(() => document.querySelector('#told').textContent === '', undefined, { timeout: 60000, polling: 500 });
  report(true, 'and when it is back the words go');
  await page.click('#took button');
  await page.waitForFunction(() => document.querySelector('#took').textContent.includes('1 new'));
  report(true, 'and the file can be brought in after all');
  equal('the page goes on', 4, await page.locator('figure svg').count());
  await page.context().close();
}

// A daemon that asks for tokens; the page's own and one for figures alone are in the environment.
async function tokens() {
  const page = await open('/');
  equal('who is not known gets a page to sign in', 'Sign in to postlift', await page.title());
  equal('axe finds nothing in it', [], await violations(page));
  equal('nothing is wider than the window', 0, await wide(page));
  await shot(page, 'sign-in');
  // what is done loads another page: it is waited for from before
  const loading = async (act) => { const loaded = page.waitForEvent('load'); await act(); await loaded; };
  const enter = (token) => loading(async () => { await page.fill('#token', token); await page.keyboard.press('Enter'); });
  await enter(`plt_${'x'.repeat(43)}`);
  report((await page.locator('[role=alert]').textContent()).includes('not known'), 'a wrong token is refused in words');
  await enter(process.env.FIGURES);
  report((await page.locator('[role=alert]').textContent()).includes('it takes read,rows'), 'one that may not see the page is told what it lacks');
  await page.goto(`${url}/sign-in`);
  await loading(() => page.click('button')); // signs out
  page.notes.length = 0;
  await enter(` ${process.env.EDITOR_TOKEN}`);
  await settled(page);
  equal('a good one opens the page, whatever blanks were pasted with it', [], page.notes);
  equal('which says who is signed in', 'editor', await page.locator('#signed span').textContent());
  equal('and axe finds nothing', [], await violations(page));
  equal('no script can read the cookie', '', await page.evaluate(() => document.cookie));
  await page.setInputFiles('#file', { name: 'one.csv', mimeType: 'text/csv', buffer: Buffer.from('platform,id,type,posted_at,likes\nx,signed1,meme,2024-01-01T10:00:00Z,1\n') });
  await page.waitForFunction(() => document.querySelector('#took').textContent.includes('1 new'));
  report(true, 'a file can be brought in by it');
  await page.click('#signed button');
  await page.waitForURL(/sign-in/);
  equal('who signs out is no longer known', 401, (await page.goto(url)).status());
  await page.context().close();
}

await { sample, empty, hostile, coin, extremes, many, away, tokens }[situation]();
await browser.close();
