import { readFileSync } from "node:fs";
const a = performance.now();
const { openAdvisories, rematch } = await import("plimsoll");
const inv = JSON.parse(readFileSync("/tmp/rm/inventory.json", "utf8"));
const b = performance.now();
const store = await openAdvisories("/tmp/rm/bench.plimsoll");
function markerOne() { const x = performance.now(); while (performance.now() - x < 2); }
function markerTwo() { const x = performance.now(); while (performance.now() - x < 2); }
if (process.env.MARK) markerOne();
const c = performance.now(); const u = process.cpuUsage();
const r = await rematch(inv, store); const v = process.cpuUsage(u);
const d = performance.now(); if (process.env.MARK) markerTwo();
const e0 = performance.now(); await rematch(inv, store); const e = performance.now();
console.log("import", (b - a).toFixed(0), "open", (c - b).toFixed(0), "first", (d - c).toFixed(1), "cpu", ((v.user + v.system) / 1000).toFixed(0), "second", (e - e0).toFixed(1), r.vulnerabilities.length);
await store.close();
