// Runs compared: figures, curves on shared axes, significance in words, and the samples on which they differ.

import { get } from "../api.js";
import { Chart, CYCLE } from "../chart.js";
import { choice, el, fill } from "../dom.js";
import { scrolling } from "../pieces.js";
import { ABOVE } from "./curves.js";
import { telling } from "./digits.js";
import { address, count, many, sentence, share } from "./words.js";

const MARKS = ["circle", "diamond", "square", "triangle-up", "x", "star"];
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];

/** Show the runs called `names` side by side in `place`; `all` are those that could be added. */
export async function mountAgainst(place, names, all) {
  const query = new URLSearchParams(names.map((name) => ["run", name]));
  const found = await get(`/api/compare?${query}`);
  document.title = `${names.join(" vs. ")} · inkdigits`;
  fill(place,
    el("p", { class: "soft small" }, el("a", { href: "/runs" }, "All runs")),
    el("h1", {}, names.join(" vs. ")),
    found.reason ? el("p", { class: "note" }, sentence(found.reason))
      : el("p", { class: "lead" }, unbroken(found.verdicts[0])),
    found.verdicts.slice(1).map((verdict) => el("p", {}, unbroken(verdict))),
    found.notes.map((note) => el("p", { class: "soft small" }, sentence(note))),
    members(names, all),
    found.rows.length ? table(found) : null,
    curves(found.histories),
    found.reason ? null : differ(found, names));
}

/** Which runs are compared, and how to take one out or in. */
function members(names, all) {
  const others = all.filter((run) => !run.error && !names.includes(run.name)).map(({ name }) => [name, name]);
  const add = names.length < MARKS.length && others.length ? choice({ label: "Add run",
    options: [["", "choose …"], ...others], value: "",
    onchange: (name) => { if (name) location.href = address(...names, name); } }) : null;
  return el("div", { class: "row members" },
    names.map((name) => el("span", { class: "member" }, el("a", { href: address(name) }, name),
      names.length > 2 ? el("a", { class: "drop", href: address(...names.filter((other) => other !== name)),
        "aria-label": `Remove ${name}` }, "×") : null)),
    add);
}

function table({ columns, rows }) {
  return scrolling("Metrics of the runs", "scroll", el("table", { class: "against" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Run"),
      columns.map((title) => el("th", { scope: "col", class: "number" }, title)))),
    el("tbody", {}, rows.map(([name, ...cells]) => el("tr", {}, el("th", { scope: "row" }, name),
      cells.map((text) => el("td", { class: "number" }, text)))))));
}

function curves(histories) {
  const drawn = (what) => histories.map(({ run, epochs, [what]: values }, at) => ({
    x: epochs, y: values, name: run, type: "scatter", mode: "lines+markers",
    line: { color: CYCLE[at % CYCLE.length], dash: DASHES[at] },
    marker: { color: CYCLE[at % CYCLE.length], symbol: MARKS[at], size: 7 },
  }));
  const longest = Math.max(...histories.map(({ epochs }) => epochs.length));
  const xaxis = { title: { text: "epoch" }, tickformat: "~g", rangemode: "tozero",
    ...(longest <= 12 ? { dtick: 1 } : {}) };
  const words = (what) => `Validation ${what} of ${histories.map(({ run, [what]: values }) =>
    `${run}: ${last(values, what)}`).join("; ")}`;
  const loss = new Chart(el("div", {}), words("loss"));
  const accuracy = new Chart(el("div", {}), words("accuracy"));
  loss.show(drawn("loss"), { ...ABOVE, xaxis, yaxis: { rangemode: "tozero" }, showlegend: true });
  // As in the reports: from 90%, where the difference is; unless a run is all below.
  const high = histories.every((one) => one.accuracy.some((value) => value > 0.9));
  accuracy.show(drawn("accuracy"), { ...ABOVE, xaxis, showlegend: true,
    yaxis: { tickformat: ".1~%", ...(high ? { range: [0.9, 1.002] } : {}) } });
  return el("section", {}, el("h2", {}, "Learning curves"), el("div", { class: "split" },
    el("div", {}, el("h3", {}, "Validation loss"), loss.element),
    el("div", {}, el("h3", {}, "Validation accuracy"), accuracy.element)));
}

function last(values, what) {
  const value = values.at(-1);
  if (value === undefined || value === null) return "no data yet";
  return what === "loss" ? value.toFixed(4) : share(value);
}

function differ({ shared, agreed, failed, mixed, only_correct, missing, classes }, names) {
  const single = only_correct.reduce((total, one) => total + one.count, 0);
  const [all, none] = names.length === 2 ? ["both runs", "neither"] : ["all runs", "none"];
  return el("section", {}, el("h2", {}, "Where they differ"),
    el("p", {}, `Of ${many(shared, "test digit")}, ${count(agreed)} are classified correctly by ${all}, `
      + `${mixed ? `${count(mixed)} by several but not all, ` : ""}${count(single)} by exactly one and ${count(failed)} by `
      + `${none}. McNemar's exact test compares two runs on the digits that only one of them classifies correctly.`),
    missing ? el("p", { class: "note" }, sentence(missing)) : null,
    only_correct.map(({ run, count: amount, digits }) => el("section", {},
      el("h3", {}, `Only ${run} is correct: ${many(amount, "digit")}`),
      digits.length < amount ? el("p", { class: "soft small" }, `The first ${digits.length} are shown.`) : null,
      el("ul", { class: "tellings" }, digits.map((digit) => telling(digit, names, classes))))));
}

/** A verdict whose p is never parted from its value at the end of a line. */
const unbroken = (verdict) => verdict.replace(/p ([<=]) /, "p\u00a0$1\u00a0");
