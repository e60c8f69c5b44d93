// The page in chromium: when its first picture stands there, median of several, in milliseconds.
// node page.mjs URL ROUNDS
import { chromium } from 'playwright-core';

const [url, rounds] = [process.argv[2], Number(process.argv[3] || 7)];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
const first = [], all = [];
for (let i = 0; i < rounds + 1; i++) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 } });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForSelector('#fig-lift svg path.l', { state: 'attached' });
  const paint = await page.evaluate(() => new Promise((done) => {
    const look = () => { const p = performance.getEntriesByName('first-contentful-paint')[0]; p ? done(p.startTime) : setTimeout(look, 5); };
    look();
  }));
  await page.waitForFunction(() => document.querySelectorAll('figure svg').length >= 4, undefined, { timeout: 60000 });
  const whole = await page.evaluate(() => performance.now());
  if (i) { first.push(paint); all.push(whole); } // the first one starts the browser up
  await context.close();
}
await browser.close();
const median = (v) => v.sort((a, b) => a - b)[v.length >> 1].toFixed(0);
console.log(`${median(first)} ${median(all)}`);
