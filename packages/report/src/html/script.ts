/**
 * The page's script: filters, sorts and pages the findings that the page carries as JSON.
 * Foreign text reaches the document through `textContent` only; it is plain ES2022, sent as it stands.
 */
export const script = `"use strict";
(() => {
  const element = (id) => document.getElementById(id);
  const rows = element("rows");
  if (rows === null) return;
  element("interactive").hidden = false;
  // Written by the reporter, into the same page.
  const { severities, findings } = JSON.parse(element("data").textContent);
  const pageSize = 100;
  const state = { key: "severity", descending: false, page: 0, query: "", shown: new Set(severities), fixable: false, exploited: false, layer: "" };
  const searchText = findings.map((it) =>
    [it.id, it.name, it.version, it.title, it.purl, ...it.paths, ...it.aliases].join(" ").toLowerCase());

  const labels = [...document.querySelectorAll("#table thead th")].map((heading) => heading.textContent);

  const make = (name, text, className) => {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (className !== undefined) node.className = className;
    return node;
  };
  const link = (url, text) => {
    const node = make("a", text);
    node.href = url;
    node.rel = "noopener noreferrer";
    return node;
  };
  const percent = (share) => (share < 0 ? "" : (share * 100).toFixed(1) + " %");

  const valueOf = (it, key) => (key === "severity" ? severities.indexOf(it.severity) : it[key]);
  const compare = (a, b) => {
    const x = valueOf(findings[a], state.key);
    const y = valueOf(findings[b], state.key);
    const order = x < y ? -1 : x > y ? 1 : a - b;
    return state.descending ? -order : order;
  };
  const matches = (it, index) =>
    state.shown.has(it.severity) &&
    (!state.fixable || it.fixed !== "") &&
    (!state.exploited || it.exploited !== "") &&
    (state.layer === "" || String(it.layer) === state.layer) &&
    state.query.split(/\\s+/).every((word) => searchText[index].includes(word));
  const selection = () => findings.flatMap((it, index) => (matches(it, index) ? [index] : [])).sort(compare);

  const facts = (it) => {
    const list = make("dl");
    const add = (name, ...contents) => {
      const value = make("dd");
      value.append(...contents);
      list.append(make("dt", name), value);
    };
    const text = (name, value) => { if (value !== "") add(name, value); };
    const items = (contents) => {
      const ul = make("ul");
      ul.append(...contents.map((content) => { const li = make("li"); li.append(content); return li; }));
      return ul;
    };
    text("Title", it.title);
    text("Description", it.description);
    text("Why it is here", it.explanation);
    text("Status", it.status);
    if (it.paths.length > 0) add("Found in", items(it.paths));
    if (it.layer >= 0) text("Layer", it.layer + (it.createdBy === "" ? "" : ": " + it.createdBy));
    text("Severity from", it.source);
    if (it.ratings.length > 0)
      add("CVSS", items(it.ratings.map((rating) => rating.score + " (" + rating.source + ", " + rating.version + ") " + rating.vector)));
    if (it.epss >= 0) text("EPSS", percent(it.epss) + " chance of exploitation within 30 days, percentile " + percent(it.percentile));
    if (it.exploited !== "")
      text("Known exploited", "since " + it.exploited + (it.due === "" ? "" : ", due " + it.due) + (it.ransomware ? ", used by ransomware" : ""));
    if (it.risk >= 0) text("Risk", it.risk.toFixed(1) + " of 100");
    if (it.aliases.length > 0) text("Also known as", it.aliases.join(", "));
    if (it.weaknesses.length > 0) text("Weaknesses", it.weaknesses.join(", "));
    text("Package URL", it.purl);
    text("Published", it.published);
    text("Modified", it.modified);
    add("References", items([it.url, ...it.references.filter((url) => url !== it.url)].map((url) => link(url, url))));
    return list;
  };

  const toggle = (button, row, it, id) => {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) {
      element(id).remove();
      return;
    }
    const detail = make("tr", undefined, "detail");
    detail.id = id;
    const cell = make("td");
    cell.colSpan = 8;
    cell.append(facts(it));
    detail.append(cell);
    row.after(detail);
  };

  const rowOf = (index) => {
    const it = findings[index];
    const row = make("tr");
    const severity = make("td");
    severity.append(make("span", it.severity.charAt(0) + it.severity.slice(1).toLowerCase(), "badge " + it.severity));
    const name = make("th");
    name.scope = "row";
    const button = make("button", it.id, "open");
    button.type = "button";
    const id = "detail-" + index;
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", id);
    button.addEventListener("click", () => toggle(button, row, it, id));
    name.append(button);
    if (it.exploited !== "") name.append(make("span", "KEV", "badge flag"));
    if (it.title !== "") name.append(make("span", it.title, "place"));
    const pkg = make("td", it.name);
    if (it.paths.length > 0) pkg.append(make("span", it.paths[0], "place"));
    row.append(severity, name, pkg, make("td", it.version), make("td", it.fixed === "" ? it.status : it.fixed),
      make("td", it.score < 0 ? "" : it.score.toFixed(1), "number"), make("td", percent(it.epss), "number"), make("td", it.layer < 0 ? "" : String(it.layer), "number"));
    for (const [at, cell] of [...row.children].entries()) cell.dataset.label = labels[at];
    return row;
  };

  const draw = (all = false) => {
    const chosen = selection();
    const pages = Math.max(1, Math.ceil(chosen.length / pageSize));
    state.page = Math.min(state.page, pages - 1);
    const shown = all ? chosen : chosen.slice(state.page * pageSize, (state.page + 1) * pageSize);
    rows.replaceChildren(...shown.map(rowOf));
    element("status").textContent = (chosen.length === findings.length ? "" : chosen.length + " of ") + findings.length + (findings.length === 1 ? " finding" : " findings");
    element("page").textContent = "Page " + (state.page + 1) + " of " + pages;
    element("previous").disabled = state.page === 0;
    element("next").disabled = state.page >= pages - 1;
    for (const heading of document.querySelectorAll("#table thead th")) {
      if (heading.dataset.key === state.key) heading.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    }
  };
  const change = (update) => { update(); state.page = 0; draw(); };

  for (const severity of severities) {
    const label = make("label");
    const box = make("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => change(() => { if (box.checked) state.shown.add(severity); else state.shown.delete(severity); }));
    label.append(box, " " + severity.toLowerCase());
    element("severities").append(label);
  }
  element("query").addEventListener("input", (event) => change(() => { state.query = event.target.value.trim().toLowerCase(); }));
  element("fixable").addEventListener("change", (event) => change(() => { state.fixable = event.target.checked; }));
  element("exploited").addEventListener("change", (event) => change(() => { state.exploited = event.target.checked; }));
  element("layer").addEventListener("change", (event) => change(() => { state.layer = event.target.value; }));
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  for (const heading of document.querySelectorAll("#table thead th")) {
    const { key } = heading.dataset;
    heading.querySelector("button").addEventListener("click", () => change(() => {
      state.descending = state.key === key ? !state.descending : key === "score" || key === "epss";
      state.key = key;
    }));
  }
  const turn = (by) => { state.page += by; draw(); element("findings").scrollIntoView(); };
  element("previous").addEventListener("click", () => turn(-1));
  element("next").addEventListener("click", () => turn(1));
  addEventListener("beforeprint", () => draw(true));
  addEventListener("afterprint", () => draw());
  draw();
})();
`;
