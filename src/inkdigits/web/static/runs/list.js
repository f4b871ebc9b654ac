// All runs: a table that can be sorted and searched, and the ones that are chosen for a comparison.

import { get } from "../api.js";
import { announce, button, choice, el, fill } from "../dom.js";
import { scale, spark, whisker } from "./spark.js";
import { address, ago, command, count, duration, interval, sentence, share, state } from "./words.js";

const EVERY = 2000; // milliseconds, while any run is being trained
const MOST = 6; // runs side by side
const COLUMNS = [
  { key: "name", title: "Run", of: (run) => run.name },
  { key: "digits", title: "Data set", of: (run) => run.digits },
  { key: "epochs", title: "Epochs", of: (run) => run.epochs, number: true },
  { key: "curve", title: "Validation accuracy", of: (run) => run.validation, number: true, wide: true },
  { key: "test", title: "Test accuracy, 95% CI", of: (run) => run.test?.value, number: true, wide: true },
  { key: "parameters", title: "Parameters", of: (run) => run.parameters, number: true },
  { key: "seconds", title: "Time", of: (run) => run.seconds, number: true },
  { key: "written", title: "Updated", of: (run) => run.written, newest: true },
];

/** Show all `runs` in `place`. */
export function mountList(place, runs) {
  const list = new List(place);
  list.show(runs);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) list.load(); });
}

class List {
  constructor(place) {
    Object.assign(this, { place, chosen: new Set(), wanted: "", shown: "" });
    this.order = { key: "written", down: true };
    this.trouble = el("p", { class: "note", role: "status", hidden: true });
  }

  /** Read the runs again. */
  async load() {
    clearTimeout(this.later);
    const mine = (this.turn = (this.turn ?? 0) + 1);
    let trouble = "";
    const runs = await get("/api/runs").catch(({ message }) => { trouble = message; });
    if (mine !== this.turn) return;
    fill(this.trouble, ...sentence(trouble));
    this.trouble.hidden = !trouble;
    this.show(runs ?? this.runs); // the server may be back in a moment
  }

  /** Show `runs`; come back while one of them is being trained and somebody looks. */
  show(runs) {
    const shown = JSON.stringify(runs);
    if (shown !== this.shown) {
      Object.assign(this, { shown, runs });
      this.draw();
    }
    clearTimeout(this.later);
    const live = runs.some((run) => run.live);
    if (live && !document.hidden) this.later = setTimeout(() => this.load(), EVERY);
  }

  draw() {
    if (!this.runs.length) {
      fill(this.place, ...none());
      return;
    }
    if (!this.body) this.frame();
    this.rows();
  }

  frame() {
    this.body = el("tbody", { role: "rowgroup" });
    this.compare = button("Compare", () => { location.href = address(...this.chosen); }, { class: "main" });
    this.clear = button("Clear", () => { this.chosen.clear(); this.rows(); });
    this.says = el("span", { class: "soft", role: "status" });
    this.heads = COLUMNS.map((column) => el("th", { scope: "col", role: "columnheader",
      class: column.number ? "number" : null },
    el("button", { type: "button", class: "plain sort", onclick: () => this.sort(column) }, column.title)));
    const search = el("input", { type: "search", placeholder: "name or recipe", oninput: (event) => {
      this.wanted = event.target.value.trim().toLowerCase();
      this.rows();
    } });
    const sorts = choice({ label: "Sort by", options: COLUMNS.map(({ key, title }) => [key, title]),
      value: this.order.key, onchange: (key) => this.sort(COLUMNS.find((column) => column.key === key)) });
    sorts.classList.add("narrow");
    fill(this.place,
      el("h1", {}, "Runs"),
      el("p", { class: "lead" }, "All training runs in this folder. Open one, or select several to compare."),
      this.trouble,
      el("div", { class: "tools row" }, el("label", {}, "Find", search), sorts,
        this.bar = el("div", { class: "act row" }, this.says, this.clear, this.compare)),
      el("table", { class: "runs", role: "table" },
        el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
          el("th", { scope: "col", role: "columnheader" }, el("span", { class: "unseen" }, "Select")),
          this.heads)),
        this.body));
  }

  sort(column) {
    const first = Boolean(column.number || column.newest); // what is most comes first
    this.order = { key: column.key, down: this.order.key === column.key ? !this.order.down : first };
    this.rows();
    announce(`Sorted by ${column.title}, ${this.order.down ? "descending" : "ascending"}`);
  }

  rows() {
    const column = COLUMNS.find(({ key }) => key === this.order.key);
    const turn = this.order.down ? -1 : 1;
    const shown = this.runs
      .filter(({ name, recipe }) => `${name} ${recipe}`.toLowerCase().includes(this.wanted))
      .sort((a, b) => turn * by(column.of(a), column.of(b), turn) || by(a.name, b.name, 1));
    this.heads.forEach((head, at) => {
      const here = COLUMNS[at].key === this.order.key;
      head.setAttribute("aria-sort", here ? (this.order.down ? "descending" : "ascending") : "none");
    });
    const tested = this.runs.filter((run) => run.test).map((run) => run.test);
    const x = tested.length ? scale(tested) : null;
    const focus = document.activeElement?.id;
    fill(this.body, shown.length ? shown.map((run, at) => this.row(run, at, x))
      : el("tr", { role: "row" }, el("td", { role: "cell", colspan: COLUMNS.length + 1, class: "soft" },
        "No matching runs.")));
    if (focus) document.getElementById(focus)?.focus();
    this.choose();
  }

  row(run, at, x) {
    const box = el("input", { type: "checkbox", id: `choose-${run.name}`, checked: this.chosen.has(run.name),
      disabled: Boolean(run.error), "aria-label": `Select ${run.name} for comparison`, onchange: () => {
        if (box.checked) this.chosen.add(run.name);
        else this.chosen.delete(run.name);
        this.choose();
      } });
    const name = el("th", { scope: "row", role: "rowheader", class: "name" },
      el("a", { href: address(run.name), id: `open-${run.name}` }, run.name),
      run.error ? null
        : el("span", { class: "soft small" }, run.recipe, " ", run.finished ? null : state(run)));
    const choose = el("td", { role: "cell", class: "choose" }, el("label", { class: "reach" }, box));
    if (run.error) {
      return el("tr", { role: "row" }, choose, name,
        el("td", { role: "cell", colspan: COLUMNS.length - 1, class: "bad damaged" }, sentence(run.error)));
    }
    return el("tr", { role: "row", class: this.chosen.has(run.name) ? "chosen" : null }, choose, name,
      cell("Data set", run.digits),
      cell("Epochs", `${run.epochs} of ${run.planned}`, "number"),
      cell("Validation accuracy", el("span", { class: "drawn" }, spark(run.curve), share(run.validation)), "number"),
      cell("Test accuracy", run.test ? el("span", { class: "drawn" }, whisker(run.test, x),
        el("span", {}, el("strong", {}, share(run.test.value)),
          el("span", { class: "soft small block" }, interval(run.test)))) : "–", "number"),
      cell("Parameters", count(run.parameters), "number"),
      cell("Time", duration(run.seconds), "number"),
      cell("Updated", ago(run.written), "when"));
  }

  /** Say how many are chosen, and whether they can be compared. */
  choose() {
    const names = new Set(this.runs.map((run) => run.name));
    for (const name of this.chosen) if (!names.has(name)) this.chosen.delete(name);
    const { size } = this.chosen;
    this.compare.disabled = size < 2 || size > MOST;
    this.clear.hidden = !size;
    this.bar.classList.toggle("some", size > 0);
    this.says.textContent = size === 0 ? "Select two or more runs"
      : size > MOST ? `${size} selected, at most ${MOST}` : `${size} selected`;
    for (const box of this.body.querySelectorAll("input")) {
      box.closest("tr").classList.toggle("chosen", box.checked);
    }
  }
}

const cell = (label, content, kind = null) =>
  el("td", { role: "cell", class: kind, "data-label": label }, content);

/** Compare two values; what is not known comes last, whichever way they are turned. */
function by(a, b, turn) {
  const [no, nor] = [a ?? null, b ?? null];
  if (no === null || nor === null) return turn * ((no === null) - (nor === null));
  return typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b;
}

const none = () => [
  el("h1", {}, "Runs"),
  el("p", { class: "lead" }, "A run is one training of a network. There are none yet."),
  el("p", {}, "Start the first one: it takes less than a minute, and you can follow it on this page."),
  command("inkdigits train quick"),
  el("p", {}, "The ", el("a", { href: "/guide" }, "guide"), " explains the terms."),
];
