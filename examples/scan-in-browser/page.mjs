// Scans an image archive in the page: read as a stream from the file, matched with a database of the same origin.
import { openStore, scanImage } from "plimsoll";

const store = fetch("advisories.plimsoll")
  .then((response) => response.blob())
  .then((blob) => openStore(blob, { label: "advisories.plimsoll" }));

/** Also for tests: the report of a file. */
export async function scan(file) {
  return scanImage(file, {
    advisories: await store,
    // The library asks no clock: with the time it tells how old the advisories are.
    now: new Date().toISOString(),
    onEvent: (event) => {
      if (event.kind === "layer-read") say(`Layer ${event.index}: ${event.packages} packages …`);
    },
  });
}

function say(text) {
  document.querySelector("#status").textContent = text;
}

async function show(file) {
  say(`Reading ${file.name} …`);
  try {
    const report = await scan(file);
    const rows = report.vulnerabilities.map((finding) => {
      const row = document.createElement("tr");
      const cells = [
        finding.severity,
        finding.id,
        finding.package.name,
        finding.package.version,
        finding.fixedVersion ?? "",
        finding.layer?.createdBy ?? "",
      ];
      // textContent, never innerHTML: every word of it comes from a stranger's image.
      row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
      return row;
    });
    document.querySelector("#findings tbody").replaceChildren(...rows);
    document.querySelector("#findings").hidden = false;
    say(`${rows.length} findings in ${report.packages.length} packages; coverage is ${report.coverage.verdict}.`);
    globalThis.report = report;
  } catch (error) {
    say(error.message);
  }
}

document.querySelector("#file").addEventListener("change", (event) => show(event.target.files[0]));
const drop = document.querySelector("#drop");
drop.addEventListener("dragover", (event) => event.preventDefault());
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  show(event.dataTransfer.files[0]);
});
