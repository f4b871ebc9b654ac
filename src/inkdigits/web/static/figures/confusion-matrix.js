// A confusion matrix whose cells open: of a run, or of a small network that learns here.

import { get, shades } from "../api.js";
import { choice, el, fill } from "../dom.js";
import { Network, OPTIMISERS } from "../learn.js";
import { lesson, steps, watched } from "../lesson.js";
import { frac, lines, math, mi, mn, mo, row, sub, text } from "../mathml.js";
import { about, grouped, number, percent } from "../numbers.js";
import { Pixels } from "../paint.js";
import { panel } from "../pieces.js";
import { confusion } from "../runs/confusion.js";
import { samples } from "../samples.js";

const DIGITS = [...Array(10).keys()];
const [HERE, LEARNED, EPOCHS, BATCH, SHOWN] = ["", 300, 12, 10, 12];

export async function mount({ figure, formula }) {
  const runs = await evaluated();
  const state = { source: null, digit: 4, turn: 0 };
  const [place, classes] = [el("div", { class: "scroll" }), el("div", { class: "scroll" })];
  const says = el("p", { class: "says", role: "status" }, "Training a small network …");
  const opened = new Opened();
  const network = choice({ label: "Network", value: runs[0]?.name ?? HERE, onchange: open,
    options: [...runs.map(({ name }) => [name, `run ${name}`]), [HERE, "a small one, trained here"]] });

  async function open(name) {
    const mine = ++state.turn;
    says.textContent = name === HERE ? "Training a small network …" : "Loading its predictions …";
    try {
      const source = name === HERE ? await small() : await ofRun(name);
      if (mine === state.turn) show(source);
    } catch (error) {
      if (mine === state.turn) says.textContent = error.message;
    }
  }

  function show(source) {
    const { matrix, symbols } = source;
    state.source = source;
    const total = matrix.flat().reduce((a, b) => a + b, 0);
    const right = matrix.reduce((sum, counts, digit) => sum + counts[digit], 0);
    says.textContent = `${grouped(total)} ${source.on}, ${grouped(right)} of them on the diagonal: `
      + `${percent(right / total, 2)} are classified correctly.`;
    fill(place, confusion(matrix, symbols, cell).element);
    const [truth, read] = worst(matrix);
    place.querySelector(`tbody tr:nth-child(${truth + 1}) td:nth-of-type(${read + 1}) button`)?.click();
  }

  function cell(truth, read) {
    choose(truth);
    opened.show(state.source, truth, read);
  }

  function choose(digit) {
    state.digit = digit;
    const { matrix, symbols } = state.source;
    fill(classes, table(matrix, symbols, digit, choose));
    fill(formula, worked(figures(matrix, digit), symbols[digit]));
  }

  fill(figure,
    el("div", { class: "controls" }, network), says,
    el("div", { class: "stage" },
      panel("rows: true class; columns: predicted class", place),
      panel("metrics by class; choose one for the formula", classes)),
    opened.element);
  open(runs[0]?.name ?? HERE);
}

/** Runs that were evaluated, the worst first: they have most to show. None without the laboratory. */
async function evaluated() {
  try {
    const runs = await get("/api/runs");
    return runs.filter(({ test }) => test).sort((a, b) => a.test.value - b.test.value);
  } catch {
    return [];
  }
}

/** What a run predicts: { matrix, symbols, on, digits(truth, read) }. */
async function ofRun(name) {
  const path = `/api/runs/${encodeURIComponent(name)}`;
  const { figures: found } = await get(path);
  const digits = async (truth, read) => {
    const some = await get(`${path}/digits?true=${truth}&read=${read}&limit=${SHOWN}`);
    return some.digits.map(({ pixels, confidence }) => ({ pixels: shades(pixels), confidence }));
  };
  const symbols = found.classes.map(({ symbol }) => symbol);
  return { matrix: found.confusion, symbols, on: `digits (${found.on})`, digits };
}

/** What a small network read after learning here from a few of the samples, as `ofRun`. */
async function small() {
  const [all, learned, fresh] = await Promise.all([samples(), lesson(0, LEARNED), lesson(LEARNED, 1200)]);
  const network = new Network([196, 32, 10], { seed: 1, optimiser: OPTIMISERS.adam() });
  const step = steps(network, learned, { batch: BATCH, rate: 0.003, seed: 2 });
  let left = (EPOCHS * LEARNED) / BATCH;
  await new Promise((resolve) => {
    watched(() => {
      step();
      left -= 1;
      return left > 0;
    }, (ended) => ended && resolve());
  });
  const answers = fresh.inputs.map((input, k) => {
    const shares = network.predict(input);
    const confidence = Math.max(...shares);
    return { at: LEARNED + k, truth: fresh.labels[k], read: shares.indexOf(confidence), confidence };
  });
  const inCell = (truth, read) => answers.filter((one) => one.truth === truth && one.read === read);
  const matrix = DIGITS.map((truth) => DIGITS.map((read) => inCell(truth, read).length));
  const digits = async (truth, read) => inCell(truth, read)
    .sort((a, b) => (truth === read ? a.confidence - b.confidence : b.confidence - a.confidence))
    .slice(0, SHOWN).map(({ at, confidence }) => ({ pixels: all.pixels(at), confidence }));
  return { matrix, symbols: DIGITS.map(String), on: "fresh digits", digits };
}

/** The digits of a cell. */
class Opened {
  constructor() {
    this.turn = 0;
    this.title = el("h3", {}, "Digits of a cell");
    this.place = el("div", { class: "stage" });
    this.element = el("div", { class: "part", role: "status" }, this.title, this.place);
  }

  async show(source, truth, read) {
    const mine = ++this.turn;
    const { matrix, symbols } = source;
    const count = matrix[truth][read];
    const kind = truth === read ? `True ${symbols[truth]}, predicted correctly`
      : `True ${symbols[truth]}, predicted ${symbols[read]}`;
    this.title.textContent = `${kind}: ${grouped(count)}${count > SHOWN ? `, of which ${SHOWN} are shown` : ""}`;
    fill(this.place, el("p", { class: "says" }, "Loading digits …"));
    try {
      const digits = await source.digits(truth, read);
      if (mine !== this.turn) return;
      fill(this.place, digits.map(({ pixels, confidence }, k) => panel(
        new Pixels({ label: `Digit ${k + 1} of this cell`, size: 72 }).show(pixels).element,
        el("span", { class: "number" }, about(confidence)))));
    } catch (error) {
      if (mine === this.turn) fill(this.place, el("p", { class: "says" }, error.message));
    }
  }
}

/** The greatest cell off the diagonal: [row, column]. */
function worst(matrix) {
  let found = [4, 4, 0];
  matrix.forEach((counts, truth) => counts.forEach((count, read) => {
    if (truth !== read && count > found[2]) found = [truth, read, count];
  }));
  return found;
}

/** Counts and figures of one digit; 0 where they are undefined. */
export function figures(matrix, digit) {
  const right = matrix[digit][digit];
  const called = matrix.reduce((sum, counts) => sum + counts[digit], 0);
  const all = matrix[digit].reduce((a, b) => a + b, 0);
  const [precision, recall] = [right / Math.max(1, called), right / Math.max(1, all)];
  const f1 = precision + recall ? (2 * precision * recall) / (precision + recall) : 0;
  return { right, called, all, precision, recall, f1 };
}

function table(matrix, symbols, chosen, onchoose) {
  const head = ["class", "precision", "recall", "F1"].map((name, k) =>
    el("th", { scope: "col", class: k ? "number" : null }, name));
  return el("table", { class: "classes" }, el("thead", {}, el("tr", {}, head)),
    el("tbody", {}, symbols.map((symbol, digit) => {
    const { precision, recall, f1 } = figures(matrix, digit);
    return el("tr", {}, el("th", { scope: "row" }, el("button",
      { type: "button", "aria-pressed": String(digit === chosen),
      "aria-label": `Metrics of ${symbol}`, onclick: (event) => {
        const kept = event.target.closest("table").parentElement;
        onchoose(digit);
        kept.querySelector('[aria-pressed="true"]').focus();
      } }, symbol)),
    [precision, recall, f1].map((share) => el("td", { class: "number" }, percent(share))));
  })));
}

function worked({ right, called, all, precision, recall, f1 }, symbol) {
  const share = (value) => mn(number(value, 4));
  return math(lines(
    [mi("P"), mo("="), frac(mn(grouped(right)), mn(grouped(called))), mo("="), share(precision), mo(","),
      mi("R"), mo("="), frac(mn(grouped(right)), mn(grouped(all))), mo("="), share(recall)],
    [sub(mi("F"), mn(1)), mo("="),
      frac(row(mn(2), mo("·"), share(precision), mo("·"), share(recall)),
        row(share(precision), mo("+"), share(recall))),
      mo("="), share(f1), mo(","), text(`for class ${symbol}`)]));
}
