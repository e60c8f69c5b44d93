// Asks every reading operation of the description, in many ways, as one token, and looks in what
// comes - bodies, headers, packed or not - for words that it must not have. What it may not see must
// answer as what is not there. Prints TAP.
// Usage: node secrets.mjs URL TOKEN FORBIDDEN,... FILE [any]; any: the token is for all regions; the
// file: parts of paths, as JSON
// {"seen": {"slug": [...], "id": {"posts": [...], ...}}, "others": {...}, "none": {...}}.
import { readFileSync } from "node:fs";

const [, , url, token, words, file, anyRegion] = process.argv;
const forbidden = words.split(",");
const parts = JSON.parse(readFileSync(file, "utf8"));
const description = await (await fetch(`${url}/api/v1/openapi.json`)).json();
let n = 0;
function report(ok, what, detail) {
  n++;
  console.log(`${ok ? "ok" : "not ok"} ${n} - ${what}`);
  if (!ok && detail) console.log(String(detail).replace(/^/gm, "# "));
}

const queries = ["", "format=csv", "limit=1", "by=account", "by=tag", "by=campaign", "by=region", "by=platform",
  "source=social&start=2024-03-01", "source=all&start=2024-03-01&series=1", "source=facebook&start=2024-03-01&series=1&format=csv",
  "source=zqus-source&start=2024-03-01", "metric=likes&a.type=meme", "metric=likes&a.account=zqushandle", "account=zqushandle",
  "account=!euhandle", "campaign=zquscampaign", "tag=zqustag", "type=zqustype", "record=post&format=csv", "record=traffic",
  "source=social&metric=users", "source=social&exposure=type:meme", "source=social&start=2024-03-01&control=direct", "theme=dark", "stale=1"];
const amiss = ["region=us", "region=zqus", "region=-", "region=!us", "a.region=us&metric=likes", "region=eu&region=us"];

async function ask(path, query) {
  const target = `${path}${query ? `?${query}` : ""}`;
  const answer = await fetch(url + target, { headers: { Authorization: `Bearer ${token}` }, redirect: "manual" });
  const text = `${[...answer.headers].map((h) => h.join(": ")).join("\n")}\n${await answer.text()}`;
  return { target, status: answer.status, text };
}
const leaks = (text) => forbidden.filter((word) => text.toLowerCase().includes(word));
// Every way to fill the parts of a path.
function filled(path, of) {
  const name = /\{([^}]*)\}/.exec(path)?.[1];
  if (!name) return [path];
  const values = Array.isArray(of[name]) ? of[name] : of[name]?.[path.split("/")[3]];
  return (values ?? []).flatMap((value) => filled(path.replace(`{${name}}`, encodeURIComponent(value)), of));
}

for (const [path, operations] of Object.entries(description.paths)) {
  if (!operations.get?.security?.length || operations.get["x-regions"] === "all") continue;
  const wrong = [];
  let asked = 0, answered = 0;
  for (const target of [...filled(path, parts.seen), ...(path.includes("{") ? filled(path, parts.others) : [])])
    for (const query of queries) {
      const got = await ask(target, query);
      asked++;
      answered += got.status === 200;
      if (got.status >= 500) wrong.push(`${got.target}: ${got.status}`);
      // what was asked for may be named in the answer: who asked has it already
      const said = [...new URLSearchParams(query).values(), ...target.split("/").map(decodeURIComponent)].flatMap((v) => [v, v.replace(/^!/, "")]).filter((v) => v.length > 3);
      let text = got.text;
      for (const value of said) text = text.split(value).join("");
      for (const word of leaks(text)) wrong.push(`${got.target}: ${word} in ${text.slice(Math.max(0, text.indexOf(word) - 120), text.indexOf(word) + 60).replace(/\n/g, " ")}`);
    }
  for (const query of anyRegion ? [] : amiss) {
    const got = await ask(filled(path, parts.seen)[0] ?? path, query);
    if (got.status !== 403) wrong.push(`${got.target}: ${got.status} and not 403`);
    if (leaks(got.text).some((word) => word !== "zqus")) wrong.push(`${got.target}: a leak`);
  }
  if (path.includes("{")) {
    const others = filled(path, parts.others), none = filled(path, parts.none);
    for (let i = 0; i < others.length; i++) {
      const a = await ask(others[i], ""), b = await ask(none[i], "");
      const plain = (x, of) => of.split("/").filter((v) => v.length > 3 || /^\d+$/.test(v)).reduce((text, v) => text.split(`"${decodeURIComponent(v)}\\"`).join("_").split(` ${v} `).join(" _ ").split(` ${v}.`).join(" _."), x.text.replace(/(date|content-length): .*/gi, ""));
      if (a.status !== b.status || plain(a, others[i]) !== plain(b, none[i])) wrong.push(`${others[i]} answers ${a.status}, ${none[i]} ${b.status}: ${plain(a, others[i]).slice(-200)} | ${plain(b, none[i]).slice(-200)}`);
    }
  }
  report(!wrong.length && (answered > 0 || anyRegion || path.includes("{")), `GET ${path}, asked in ${asked} ways, tells nothing it must not (${answered} answers)`, wrong.slice(0, 6).join("\n") || "no question was answered");
}
console.log(`1..${n}`);
