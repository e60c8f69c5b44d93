// Every operation of the description as every set of scopes: it is let through just where the
// description says so. Prints TAP. Usage: node access.mjs URL FILE, a line "scope,scope token" each,
// and the region where it is for one alone.
import { readFileSync } from "node:fs";

const [, , url, file] = process.argv;
const callers = readFileSync(file, "utf8").trim().split("\n").map((line) => {
  const [scopes, token, region] = line.split(" ");
  return { scopes: new Set(scopes.split(",")), name: scopes + (region ? ` of ${region}` : ""), token, region };
});
const description = await (await fetch(`${url}/api/v1/openapi.json`)).json();
let n = 0;

async function ask(method, path, token) {
  const target = url + path.replace(/\{[^}]*\}/g, "nothing");
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(target, { method, headers, redirect: "manual" });
  const text = await answer.text();
  return { status: answer.status, code: answer.status === 401 || answer.status === 403 ? JSON.parse(text).code : "" };
}

for (const [path, methods] of Object.entries(description.paths))
  for (const [name, operation] of Object.entries(methods)) {
    if (["beginSession", "endSession"].includes(operation.operationId)) continue; // asks by itself: a token in its body
    const method = name.toUpperCase(), lists = (operation.security ?? []).map((o) => o.token), wrong = [];
    const nobody = await ask(method, path);
    if ((nobody.status === 401) !== lists.length > 0) wrong.push(`without a token: ${nobody.status}`);
    // one time too many it is 429
    const unknown = await ask(method, path, "plt_" + "A".repeat(43));
    if ([401, 429].includes(unknown.status) !== lists.length > 0) wrong.push(`with an unknown token: ${unknown.status}`);
    let through = 0;
    for (const caller of callers) {
      const may = !lists.length || ((!caller.region || operation["x-regions"] !== "all") && lists.some((list) => list.every((scope) => caller.scopes.has(scope))));
      const got = await ask(method, path, caller.token);
      through += may;
      if (may === [401, 403].includes(got.status)) wrong.push(`as ${caller.name}: ${got.status} ${got.code}`);
      if (!may && got.code !== "not-allowed") wrong.push(`as ${caller.name}: ${got.code}`);
    }
    n++;
    console.log(`${wrong.length ? "not ok" : "ok"} ${n} - ${method} ${path} is for ${lists.map((l) => l.join("+")).join(" or ") || "all"}: ${through} of ${callers.length} sets of scopes`);
    for (const line of wrong.slice(0, 10)) console.log(`# ${line}`);
  }
console.log(`1..${n}`);
