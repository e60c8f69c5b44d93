// Asks a running daemon thousands of questions at random, about made-up data at random, and
// looks at what must hold of any answer whatever the question: no failure of the daemon, no
// figure that is none, no figure without a verdict, posts that add up, whole sentences.
//   node tests/fuzz/questions.mjs URL [SEED] [QUESTIONS]
// The database should be a new one: the data stay in it. Ends with 1 when anything was found.
const [url, seed = "1", questions = "3000"] = process.argv.slice(2);

let state = BigInt(seed) * 0x9e3779b97f4a7c15n;
function random() { // splitmix64, so that a seed gives the same questions everywhere
  state = (state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
  let z = state;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
  return Number((z ^ (z >> 31n)) >> 11n) / 2 ** 53;
}
const below = (n) => Math.floor(random() * n);
const one = (list) => list[below(list.length)];
const maybe = (p) => random() < p;
const start = Date.UTC(2023, 0, 1);
const date = (day) => new Date(start + day * 86400000).toISOString().slice(0, 10);
const someDay = () => date(below(810) - 50);

const sources = ["facebook", "x", "social", "direct", "organic", "google / organic", "tiktok", "reddit", "all",
  "Übermaß " + "é".repeat(100)];
const types = ["meme", "poll", "link", "photo", "émeu"];

function traffic() {
  const rows = ["date,source,region,campaign,sessions,users,conversions"];
  for (const source of sources)
    for (const region of ["", "eu", "us"]) {
      if (maybe(0.5)) continue;
      const first = below(300), last = Math.min(700, first + 1 + below(500));
      const level = one([0, 1, 3, 50, 1000, 1e6, 4503599627370495]);
      const kind = one(["noise", "constant", "zero", "step", "gaps"]);
      for (let day = first; day < last; day++) {
        if (kind === "gaps" && maybe(0.45)) continue;
        const v = Math.floor({ noise: level * (0.5 + random()), constant: level, zero: 0,
          step: level * (day > 350 ? 2 : 1), gaps: level * (0.9 + 0.2 * random()) }[kind]);
        rows.push(`${date(day)},${source},${region},,${v},${maybe(0.9) ? Math.floor(v / 2) : ""},${Math.floor(v / 50)}`);
      }
    }
  return rows.join("\n") + "\n";
}

function posts() {
  const rows = ["platform,id,type,posted_at,account,tags,campaign,observed_at,likes,comments,shares,clicks,reach,sessions"];
  const count = (scale) => (maybe(0.15) ? "" : Math.floor(one([0, 1, scale, scale * random(), scale * 100 * random()])));
  for (let i = 0; i < 900; i++) {
    const platform = one(["facebook", "x", "tiktok", "linkedin"]), type = one(types);
    const posted = start + below(600) * 86400000 + below(24) * 3600000;
    const tags = one(["a", "a b", "c", ""]), campaign = one(["", "c1", "c2"]);
    for (let k = one([1, 1, 2, 3]); k > 0; k--) {
      const observed = posted + one([1, 20, 60, 168, 200, 400, 2000]) * 3600000;
      rows.push([platform, `i${i}`, type, new Date(posted).toISOString(), `acc${i % 3}-${platform}`, tags, campaign,
        new Date(observed).toISOString(), count(100), count(10), count(10), count(20), count(1000), count(5)].join(","));
    }
  }
  return rows.join("\n") + "\n";
}

function filters(prefix = "") {
  const out = [];
  for (let n = one([0, 1, 1, 2, 3]); n > 0; n--) {
    const key = one(["type", "platform", "tag", "campaign", "account", "region", "from", "to"]);
    const value = { type: one(types), platform: one(["facebook", "x", "tiktok"]), tag: one(["a", "b", "c"]),
      campaign: one(["c1", "c2"]), account: "acc1-x", region: one(["eu", "-"]), from: someDay(), to: someDay() }[key];
    if (["from", "to"].includes(key)) {
      if (!out.some(([k]) => k === prefix + key)) out.push([prefix + key, value]);
    } else out.push([prefix + key, (maybe(0.3) ? "!" : "") + value]);
  }
  return out;
}

function question() {
  const path = one(["lift", "lift", "lift", "compare", "types", "posts/outliers", "cadence"]);
  let p = [];
  const add = (chance, name, values) => { if (maybe(chance)) p.push([name, one(values)]); };
  if (path === "lift") {
    p.push(["source", one(sources)]);
    add(0.9, "start", [someDay()]);
    add(0.5, "end", [someDay()]);
    if (maybe(0.3)) p.push(["baseline", one(["21d", "7d", "28d", "180d", "400d", "1d"])]);
    else if (maybe(0.3)) p.push(["baseline_from", someDay()], ["baseline_to", someDay()]);
    add(0.4, "control", ["direct", "organic,direct", "last-year", "tiktok", "reddit"]);
    add(0.3, "run_in", ["0", "3d", "7d", "28d"]);
    add(0.3, "exposure", ["type:meme", "type:!meme", "platform:x,tag:a", "campaign:c1"]);
    add(0.4, "series", ["1"]);
    add(0.3, "metric", ["users", "conversions"]);
    add(0.2, "level", ["0.5", "0.9", "0.999"]);
    add(0.3, "type", types);
    add(0.2, "region", ["eu", "us"]);
    add(0.2, "margin", ["0.01", "1"]);
  } else if (path === "compare") {
    const a = filters("a.");
    p = [...filters(), ...(a.length ? a : [["a.type", "meme"]]), ...filters("b.")];
    p.push(["metric", one(["likes", "engagement", "reach", "sessions", "clicks_per_1000_reach", "saves"])]);
    add(0.4, "age", ["1h", "24h", "7d", "365d"]);
  } else {
    p = filters();
    if (path === "types") {
      p.push(["by", one(["type", "tag", "campaign", "platform", "account"])], ["source", one(sources)]);
      add(0.3, "age", ["24h", "7d", "100d"]);
    } else if (path === "posts/outliers") add(1, "metric", ["likes", "engagement", "clicks_per_1000_reach"]);
  }
  add(0.1, "format", ["csv"]);
  return `${url}/api/v1/${path}?${new URLSearchParams(p)}`;
}

let found = 0;
const wrong = (what, where) => { found++; console.log(`${what}: ${where}`); };

function look(target, body) {
  const sentences = [body.sentence, ...(body.types || []).map((t) => t.sentence)];
  for (const s of sentences)
    if (!s.endsWith(".") || /\. [A-Z]/.test(s) || /no effect|  | ,/.test(s) || s.length > 3000) wrong("a sentence that is none", `${target}\n  ${s}`);
  if (body.verdict === "insufficient-data" && ["lift", "interval", "p"].some((k) => k in body)) wrong("a figure without a verdict", target);
  if (["up", "down", "weak-up", "weak-down", "flat"].includes(body.verdict) && !body.interval) wrong("a verdict without an interval", target);
  if (body.interval) {
    const [low, high] = body.interval;
    if (!(low <= body.lift + 1e-9 && body.lift <= high + 1e-9)) wrong("a lift outside its interval", target);
    if (["up", "down"].includes(body.verdict) && !(body.p < 0.025)) wrong("a verdict above its line", target);
  }
  for (const g of [body.a, body.b])
    if (g && g.posts !== g.posts_used + g.posts_without + g.too_young + g.first_read_late + g.posts_dropped) wrong("posts that do not add up", target);
}

for (const [path, body] of [["/api/v1/traffic", traffic()], ["/api/v1/posts", posts()]]) {
  const answer = await fetch(url + path, { method: "POST", headers: { "Content-Type": "text/csv" }, body });
  if (!answer.ok && answer.status !== 422) wrong("the data are not taken", `${path} ${answer.status}`);
}
const statuses = {};
for (let i = 0; i < Number(questions) && found < 20; i++) {
  const target = question();
  const answer = await fetch(target, { signal: AbortSignal.timeout(30000) }).catch((e) => ({ status: String(e), text: () => "" }));
  const text = await answer.text();
  statuses[answer.status] = (statuses[answer.status] || 0) + 1;
  if (![200, 422].includes(answer.status)) wrong(`status ${answer.status}`, target);
  if (/[:, [](-?)(nan|inf)\b/i.test(text)) wrong("a figure that is none", target);
  if (answer.status === 200 && !target.includes("format=csv")) look(target, JSON.parse(text));
}
console.log(`seed ${seed}: ${JSON.stringify(statuses)}, ${found} found`);
process.exit(found ? 1 : 0);
