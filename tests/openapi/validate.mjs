// Validates the description of the API, and real answers of a running daemon
// against it. Prints TAP. Usage: node validate.mjs URL
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const url = process.argv[2];
let n = 0;
const report = (ok, what, why = "") => {
  n++;
  console.log(`${ok ? "ok" : "not ok"} ${n} - ${what}`);
  if (!ok && why) console.log(String(why).replace(/^/gm, "# "));
};

const description = await (await fetch(`${url}/api/v1/openapi.json`)).json();
const valid = await new Validator().validate(structuredClone(description));
report(valid.valid, "the description is valid OpenAPI 3.1", JSON.stringify(valid.errors, null, 1));
report(description.openapi.startsWith("3.1"), "and says that it is 3.1");

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(description, "api");
const pointer = (...parts) =>
  "api#/" + parts.map((p) => encodeURIComponent(p.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");

// One request, its answer held against what the description says of its status and type.
const seen = new Set();
async function shown(method, path, target, { status, body, type = "application/json", accept } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = type;
  if (accept) headers.Accept = accept;
  const answer = await fetch(url + target, { method, headers, body, redirect: "manual" });
  const text = await answer.text();
  const got = (answer.headers.get("content-type") || "").split(";")[0];
  const what = `${method} ${target} is ${status} as described`;
  seen.add(`${method} ${path}`);
  if (answer.status !== status) return report(false, what, `${answer.status}: ${text.slice(0, 300)}`);
  const operation = description.paths[path]?.[method.toLowerCase()];
  const content = operation?.responses[String(status)]?.content;
  if (operation?.responses[String(status)] && !content && !text) return report(true, what);
  if (!content?.[got]) return report(false, what, `${got} is not described`);
  if (!/[/+]json$/.test(got)) return report(true, what);
  const check = ajv.getSchema(
    pointer("paths", path, method.toLowerCase(), "responses", String(status), "content", got, "schema"));
  const json = JSON.parse(text);
  report(check(json), what, JSON.stringify(check.errors, null, 1).slice(0, 2000));
  return json;
}

const P = "/api/v1/posts", T = "/api/v1/traffic", I = "/api/v1/imports";
await shown("GET", "/healthz", "/healthz", { status: 200 });
await shown("GET", "/readyz", "/readyz", { status: 200 });
await shown("GET", "/metrics", "/metrics", { status: 200 });
await shown("GET", "/api/v1/openapi.json", "/api/v1/openapi.json", { status: 200 });
await shown("GET", P, P, { status: 200 });
await shown("GET", P, `${P}?type=!meme&tag=none`, { status: 200 });
await shown("GET", P, `${P}?format=csv`, { status: 200 });
await shown("GET", P, P, { status: 200, accept: "text/csv" });
await shown("GET", P, `${P}?limit=x`, { status: 422 });
const some = (await (await fetch(`${url}${P}?platform=facebook&limit=1`)).json()).posts[0];
await shown("GET", `${P}/{platform}/{id}`, `${P}/facebook/${some.id}`, { status: 200 });
await shown("GET", `${P}/{platform}/{id}`, `${P}/facebook/none`, { status: 404 });
await shown("GET", T, `${T}?limit=5`, { status: 200 });
await shown("GET", T, `${T}?from=yesterday`, { status: 422 });
await shown("GET", I, I, { status: 200 });
await shown("GET", `${I}/{id}`, `${I}/1`, { status: 200 });
await shown("GET", `${I}/{id}`, `${I}/99`, { status: 404 });
const L = "/api/v1/lift", C = "/api/v1/compare", Y = "/api/v1/types";
await shown("GET", L, `${L}?source=social&start=2022-11-28`, { status: 200 });
await shown("GET", L, `${L}?source=social&start=2022-11-28&series=1&control=direct,organic`, { status: 200 });
await shown("GET", L, `${L}?source=social&start=2022-11-28&metric=users&level=0.9`, { status: 200 });
await shown("GET", L, `${L}?source=facebook&start=2022-08-30&end=2022-09-05`, { status: 200 });
await shown("GET", L, `${L}?source=social&start=2022-11-28&format=csv`, { status: 200 });
await shown("GET", L, `${L}?source=social&start=2022-11-28&type=meme&run_in=7d&control=last-year&series=1`, { status: 200 });
await shown("GET", L, `${L}?source=social&exposure=type:poll&series=1&control=direct`, { status: 200 });
await shown("GET", L, `${L}?source=social&exposure=type:poll&format=csv`, { status: 200 });
await shown("GET", L, L, { status: 422 });
const O = "/api/v1/posts/outliers", K = "/api/v1/cadence";
await shown("GET", O, O, { status: 200 });
await shown("GET", O, `${O}?metric=likes&type=none`, { status: 200 });
await shown("GET", O, `${O}?metric=clicks_per_1000_reach&age=24h&format=csv`, { status: 200 });
await shown("GET", O, `${O}?metric=joy`, { status: 422 });
await shown("GET", K, K, { status: 200 });
await shown("GET", K, `${K}?type=none`, { status: 200 });
await shown("GET", K, `${K}?platform=x&from=2022-11-01&to=2022-12-31&format=csv`, { status: 200 });
await shown("GET", K, `${K}?from=never`, { status: 422 });
await shown("GET", "/api/v1/method", "/api/v1/method", { status: 200 });
await shown("GET", C, `${C}?metric=clicks_per_1000_reach&a.type=meme&age=24h`, { status: 200 });
await shown("GET", C, `${C}?a.type=meme&age=soon`, { status: 422 });
await shown("GET", C, `${C}?metric=likes&a.type=meme`, { status: 200 });
await shown("GET", C, `${C}?a.type=meme&b.type=poll&platform=x&from=2022-09-01`, { status: 200 });
await shown("GET", C, `${C}?metric=reach&a.type=meme`, { status: 200 });
await shown("GET", C, `${C}?metric=saves&a.type=meme`, { status: 200 });
await shown("GET", C, C, { status: 422 });
for (const by of ["type", "tag", "campaign", "platform", "account"])
  await shown("GET", Y, `${Y}?by=${by}`, { status: 200 });
await shown("GET", Y, `${Y}?source=all`, { status: 200 });
await shown("GET", Y, `${Y}?type=none`, { status: 200 });
await shown("GET", Y, `${Y}?by=moon`, { status: 422 });
await shown("GET", "/api/v1/accounts", "/api/v1/accounts", { status: 200 });
await shown("GET", "/api/v1/sources", "/api/v1/sources", { status: 200 });

const json = (value) => ({ body: JSON.stringify(value) });
await shown("POST", P, P, { status: 200, ...json({ platform: "x", id: "1", type: "meme", posted_at: "2022-11-28" }) });
await shown("POST", P, P, { status: 200, ...json({ posts: [{ platform: "x", id: "1", likes: 3 }, { platform: "x" }] }) });
await shown("POST", P, P, { status: 422, ...json({ platform: "x" }) });
await shown("POST", P, P, { status: 400, body: "{" });
await shown("POST", P, P, { status: 415, body: "x", type: "text/plain" });
await shown("POST", P, P, { status: 200, body: "platform,id,likes\nx,1,4\n", type: "text/csv" });
await shown("POST", T, T, { status: 200, ...json({ date: "2022-11-28", source: "mail", sessions: 3 }) });
await shown("POST", I, `${I}?file=a.csv`, { status: 202, body: "platform,id,likes\nx,1,5\nx,2,5\n", type: "text/csv" });
await shown("POST", I, `${I}?file=a.csv`, { status: 200, body: "platform,id,likes\nx,1,5\nx,2,5\n", type: "text/csv" });
await shown("POST", I, I, { status: 422, body: "a,b\n1,2\n", type: "text/csv" });
for (let tries = 0; tries < 100; tries++) {
  await shown("GET", `${I}/{id}/rejected`, `${I}/1/rejected`, { status: 404 });
const { imports } = await (await fetch(url + I)).json();
  if (imports.every((i) => !["queued", "running"].includes(i.state))) break;
  await new Promise((done) => setTimeout(done, 50));
}
await shown("GET", `${I}/{id}/rejected`, `${I}/1/rejected`, { status: 404 });
const { imports } = await (await fetch(url + I)).json();
await shown("GET", `${I}/{id}`, `${I}/${imports[0].id}`, { status: 200 });
await shown("DELETE", `${I}/{id}`, `${I}/${imports[0].id}`, { status: 202 });
await shown("DELETE", `${I}/{id}`, `${I}/${imports[0].id}`, { status: 200 });
await shown("DELETE", `${I}/{id}`, `${I}/99`, { status: 404 });
await shown("POST", "/api/v1/accounts", "/api/v1/accounts", { status: 200, ...json({ platform: "x", account: "examplegazette", region: "eu" }) });
await shown("POST", "/api/v1/accounts", "/api/v1/accounts", { status: 404, ...json({ platform: "x", account: "nobody", region: "eu" }) });
await shown("POST", "/api/v1/sources", "/api/v1/sources", { status: 200, ...json({ name: "mail", source: "email" }) });
await shown("POST", "/api/v1/sources", "/api/v1/sources", { status: 422, ...json({ name: "mail" }) });

const R = "/api/v1/type-rules", S = "/api/v1/post-types";
await shown("POST", R, R, { status: 201, ...json({ words: "made up", type: "sample", tags: ["a"] }) });
await shown("POST", R, R, { status: 422, ...json({ type: "sample" }) });
await shown("GET", R, R, { status: 200 });
await shown("DELETE", `${R}/{id}`, `${R}/1`, { status: 200 });
await shown("DELETE", `${R}/{id}`, `${R}/1`, { status: 404 });
await shown("POST", S, S, { status: 200, ...json({ platform: "x", id: "77", type: "poll", tags: ["b"] }) });
await shown("GET", S, S, { status: 200 });
await shown("DELETE", `${S}/{platform}/{id}`, `${S}/x/77`, { status: 200 });
const NOTES = "/api/v1/notes";
await shown("POST", NOTES, NOTES, { status: 201, ...json({ date: "2022-12-01", kind: "holiday", text: "A day off" }) });
await shown("POST", NOTES, NOTES, { status: 200, ...json({ date: "2022-12-01", kind: "holiday", text: "A day off" }) });
await shown("POST", NOTES, NOTES, { status: 422, ...json({ date: "2022-12-01", kind: "feast", text: "A day off" }) });
await shown("GET", NOTES, `${NOTES}?kind=holiday`, { status: 200 });
await shown("GET", NOTES, `${NOTES}?format=csv`, { status: 200 });
await shown("GET", `${NOTES}/{id}`, `${NOTES}/1`, { status: 200 });
await shown("PUT", `${NOTES}/{id}`, `${NOTES}/1`, { status: 200, ...json({ source: "social" }) });
await shown("PUT", `${NOTES}/{id}`, `${NOTES}/99`, { status: 404, ...json({ source: "social" }) });
await shown("GET", "/api/v1/lift", "/api/v1/lift?source=social&start=2022-11-28&end=2022-12-27", { status: 200 });
await shown("DELETE", `${NOTES}/{id}`, `${NOTES}/1`, { status: 200 });
await shown("DELETE", `${NOTES}/{id}`, `${NOTES}/1`, { status: 404 });
const PLAN = "/api/v1/plan";
await shown("GET", PLAN, `${PLAN}?source=social`, { status: 200 });
await shown("GET", PLAN, `${PLAN}?source=social&baseline=30d&start=2022-09-05`, { status: 200 });
await shown("GET", PLAN, `${PLAN}?source=social&design=step&lift=3&leave_out=weekends,2023-01-01&days=28&seed=4`, { status: 200 });
for (const format of ["csv", "ics", "html"]) await shown("GET", PLAN, `${PLAN}?source=social&format=${format}`, { status: 200 });
await shown("GET", PLAN, `${PLAN}?source=social&days=1`, { status: 422 });
const RUNS = "/api/v1/experiments";
const memes = { name: "Memes daily", question: "Do memes bring sessions?", posts: "type:meme", source: "social", secondary: ["users", "likes"] };
await shown("GET", "/api/v1/due", "/api/v1/due", { status: 200 });
await shown("POST", RUNS, RUNS, { status: 201, ...json({ ...memes, design: "step", start: "2022-11-28", end: "2022-12-27" }) });
await shown("POST", RUNS, RUNS, { status: 409, ...json({ ...memes, design: "step", start: "2022-11-28" }) });
await shown("POST", RUNS, RUNS, { status: 422, ...json({ name: "x" }) });
await shown("POST", RUNS, RUNS, { status: 201, ...json({ ...memes, slug: "later", design: "coin-days", start: "2035-01-01", leave_out: ["weekends"] }) });
await shown("POST", RUNS, RUNS, { status: 201, ...json({ ...memes, slug: "now", design: "coin-days", start: new Date(Date.now() - 864e5).toISOString().slice(0, 10) }) });
await shown("GET", RUNS, RUNS, { status: 200 });
await shown("PUT", `${RUNS}/{slug}`, `${RUNS}/later`, { status: 200, ...json({ seed: 5 }) });
await shown("PUT", `${RUNS}/{slug}`, `${RUNS}/memes-daily`, { status: 409, ...json({ seed: 5 }) });
await shown("PUT", `${RUNS}/{slug}`, `${RUNS}/nothing`, { status: 404, ...json({ seed: 5 }) });
for (let i = 0; i < 100; i++) {
  const o = await (await fetch(`${url}${RUNS}/memes-daily`)).json();
  if (o.findings.length === 1) break;
  await new Promise((done) => setTimeout(done, 100));
}
await shown("GET", `${RUNS}/{slug}`, `${RUNS}/memes-daily`, { status: 200 });
for (const format of ["csv", "ics", "html"]) await shown("GET", `${RUNS}/{slug}`, `${RUNS}/later?format=${format}`, { status: 200 });
await shown("GET", `${RUNS}/{slug}/reading`, `${RUNS}/memes-daily/reading`, { status: 200 });
await shown("GET", `${RUNS}/{slug}/reading`, `${RUNS}/later/reading`, { status: 422 });
await shown("GET", `${RUNS}/{slug}/findings/{n}`, `${RUNS}/memes-daily/findings/1`, { status: 200 });
await shown("GET", `${RUNS}/{slug}/findings/{n}`, `${RUNS}/memes-daily/findings/9`, { status: 404 });
await shown("GET", `${RUNS}/{slug}/report`, `${RUNS}/memes-daily/report`, { status: 200 });
await shown("POST", `${RUNS}/{slug}/corrections`, `${RUNS}/memes-daily/corrections`, { status: 200, ...json({ control: "organic", reason: "It was forgotten" }) });
await shown("POST", `${RUNS}/{slug}/corrections`, `${RUNS}/memes-daily/corrections`, { status: 409, ...json({ metric: "users", reason: "It looks better" }) });
await shown("POST", `${RUNS}/{slug}/stop`, `${RUNS}/memes-daily/stop`, { status: 200, ...json({ reason: "Its data are lost" }) });
await shown("POST", `${RUNS}/{slug}/stop`, `${RUNS}/memes-daily/stop`, { status: 409, ...json({ reason: "Enough" }) });
await shown("POST", `${RUNS}/{slug}/stop`, `${RUNS}/now/stop`, { status: 200, ...json({ reason: "Enough" }) });
await shown("DELETE", `${RUNS}/{slug}`, `${RUNS}/later`, { status: 200 });
await shown("DELETE", `${RUNS}/{slug}`, `${RUNS}/memes-daily`, { status: 409 });
for (const format of ["csv", "ics", "html"]) await shown("GET", "/api/v1/due", `/api/v1/due?format=${format}`, { status: 200 });
await shown("GET", "/api/v1/due", "/api/v1/due?stale=never", { status: 422 });
await shown("GET", "/", "/", { status: 200 });
await shown("GET", "/api/v1/report", "/api/v1/report", { status: 200 });
await shown("GET", "/api/v1/report", "/api/v1/report?source=pigeon", { status: 422 });
await shown("GET", "/sign-in", "/sign-in", { status: 200 });
await shown("POST", "/session", "/session", { status: 303, body: "token=x", type: "application/x-www-form-urlencoded" });
await shown("POST", "/session/end", "/session/end", { status: 403 });
await shown("GET", "/api/v1/session", "/api/v1/session", { status: 200 });
await shown("GET", "/app.js", "/app.js", { status: 200 });
await shown("GET", "/api/v1/overview", "/api/v1/overview", { status: 200 });
for (const name of ["lift", "types", "posts", "cadence"]) {
  await shown("GET", `/charts/${name}.svg`, `/charts/${name}.svg?theme=dark`, { status: 200 });
  await shown("GET", `/charts/${name}.svg`, `/charts/${name}.svg?theme=pink`, { status: 422 });
}
await shown("GET", "/api/v1/profiles", "/api/v1/profiles", { status: 200 });
await shown("GET", "/api/v1/export", "/api/v1/export", { status: 200 });
await shown("GET", "/api/v1/export", "/api/v1/export?record=pizza", { status: 422 });
await shown("GET", "/api/v1/backup/file", "/api/v1/backup/file", { status: 404 });
await shown("GET", "/api/v1/forget", "/api/v1/forget", { status: 200 });
await shown("POST", "/api/v1/forget", "/api/v1/forget", { status: 422, body: "{}", type: "application/json" });
await shown("POST", "/api/v1/forget", "/api/v1/forget", { status: 202, body: '{"before":"1971-01-01"}', type: "application/json" });
for (let i = 0; i < 100 && (await (await fetch(`${url}/api/v1/forget`)).json()).state === "running"; i++)
  await new Promise((done) => setTimeout(done, 50));
await shown("GET", "/api/v1/forget", "/api/v1/forget", { status: 200 });
await shown("GET", "/api/v1/audit/head", "/api/v1/audit/head", { status: 200 });
await shown("GET", "/api/v1/audit/log", "/api/v1/audit/log", { status: 200 });
for (const job of ["backup", "check"]) {
  await shown("POST", `/api/v1/${job}`, `/api/v1/${job}`, { status: 202 });
  for (let i = 0; i < 100; i++) {
    const o = await (await fetch(`${url}/api/v1/${job}`)).json();
    if (o.state !== "running") break;
    await new Promise((done) => setTimeout(done, 50));
  }
  await shown("GET", `/api/v1/${job}`, `/api/v1/${job}`, { status: 200 });
}
await shown("GET", "/api/v1/backup/file", "/api/v1/backup/file", { status: 200 });

// Every operation that is described was shown, and each path takes the methods it is said to take.
for (const [path, operations] of Object.entries(description.paths)) {
  for (const method of Object.keys(operations))
    report(seen.has(`${method.toUpperCase()} ${path}`), `${method.toUpperCase()} ${path} was shown`);
  const target = path.replace("{platform}", "x").replace("{id}", "1");
  const allow = (await fetch(url + target, { method: "OPTIONS" })).headers.get("allow") || "";
  const want = Object.keys(operations).map((m) => m.toUpperCase()).sort().join(" ");
  const got = allow.split(", ").filter((m) => !["HEAD", "OPTIONS"].includes(m)).sort().join(" ");
  report(want === got, `${path} takes just the methods that are described`, `${want} / ${got}`);
}
console.log(`1..${n}`);
