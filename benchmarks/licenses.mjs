// Texts to licences: the speed over the texts of the SPDX list as they are, and as copies that are not word for word; over sources without
// one; and an input of 200 MB. Speeds are of the processor, of warm code, in millions of characters a second; asked for are 20.
//
//   node benchmarks/licenses.mjs
import { classifyText, licenseText } from "@plimsoll/licenses";
import list from "spdx-license-list/full.js";

const texts = Object.values(list).map((license) => license.licenseText);

function seconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** The best of a few rounds: what others do on the machine only adds. */
function speed(name, all) {
  const size = all.reduce((sum, text) => sum + text.length, 0) / 1e6;
  const rounds = Array.from({ length: 6 }, () => seconds(() => all.forEach((text) => classifyText(text))));
  console.log(`${name}: ${(size / Math.min(...rounds)).toFixed(1)} MB/s (wanted: 20)`);
}

console.log(`index: ${seconds(() => classifyText("")).toFixed(2)} s`);
speed("texts of the SPDX list", texts);
speed(
  "the same, every 40th word another",
  texts.map((text) => text.replaceAll(/((?:\S+\s+){39})\S+/g, "$1something")),
);
const project = ["MIT", "Apache-2.0", "BSD-3-Clause", "ISC", "MPL-2.0", "GPL-2.0-only", "LGPL-2.1-only", "Zlib"];
speed(
  "licence files of a project, each a hundred times with another holder",
  project.flatMap((id) => Array.from({ length: 100 }, (_, at) => `Copyright 20${at} Holder ${at}\n${licenseText(id)}`)),
);
const source =
  "export function step(value) {\n  // Half of what is left, rounded up.\n  return Math.ceil(value / 2);\n}\n";
speed(
  "sources without a licence",
  Array.from({ length: 20 }, () => source.repeat(5_000)),
);

const block = `${texts.join("\n\n").slice(0, 1_900_000)}\n${source.repeat(1_000)}`;
const large = block.repeat(Math.ceil(200e6 / block.length));
// The text itself, with two bytes for each character, is most of the peak.
large.charCodeAt(0);
const peak = () => process.resourceUsage().maxRSS / 1024;
const before = peak();
let found = 0;
const taken = seconds(() => (found = classifyText(large).length));
console.log(
  `one input of ${(large.length / 1e6).toFixed(0)} MB: ${taken.toFixed(1)} s, ${found} licences, ${before.toFixed(0)} MB with the text, ${peak().toFixed(0)} MB at most`,
);
