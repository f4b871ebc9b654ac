// A small network on few samples: its loss on them and on fresh ones part, as it learns.

import { Chart } from "../chart.js";
import { announce, button, choice, el, fill, slider } from "../dom.js";
import { Network, OPTIMISERS } from "../learn.js";
import { lesson, steps, watched } from "../lesson.js";
import { frac, lines, math, mi, mn, mo, row, space, sub, text } from "../mathml.js";
import { grouped, number, percent } from "../numbers.js";
import { Pixels } from "../paint.js";
import { panel } from "../pieces.js";

const COUNTS = [50, 100, 200, 400, 800];
const LAYERS = { "32 32": "two of 32 units", 32: "one of 32 units", 3: "one of 3 units", "": "none" };
const DECAYS = [0, 0.1, 0.3, 1, 3];
const [STEPS, EVERY, BATCH, RATE] = [240, 8, 20, 0.01];
const [FIRST, LAST] = [900, 1200]; // samples to validate on
const SHOWN = 60;
const START = { count: 1, layers: "32 32", decay: 0 };

export async function mount({ figure, formula }) {
  const validation = await lesson(FIRST, LAST);
  const everything = await lesson(0, COUNTS.at(-1));
  const picked = { ...START };
  let [run, before, stop] = [null, null, null];

  const drawing = el("div", { class: "tall" });
  const chart = new Chart(drawing, "Training and validation loss, step by step");
  const says = el("p", { class: "says" });
  const verdict = el("p", { class: "says soft" });
  const some = everything.inputs.slice(0, SHOWN).map((digit, k) =>
    new Pixels({ label: `a ${everything.labels[k]}`, size: 28, rows: 14, columns: 14 }).show(digit));
  const more = el("span", { class: "soft" });

  function start() {
    stop?.();
    if (run?.over) before = run;
    run = new Run(picked, everything, validation);
    some.forEach(({ element }, k) => { element.hidden = k >= run.count; });
    more.textContent = run.count > SHOWN ? `and ${run.count - SHOWN} more` : "";
    verdict.textContent = "";
    stop = watched(() => run.step(), show);
    show(false);
  }

  function show(over) {
    run.over = over;
    chart.show([...traces(run, 1), ...(before ? traces(before, 0.35, " before") : [])], LAYOUT);
    const { learned, fresh } = run.rows.at(-1);
    says.textContent = `Step ${run.done} of ${STEPS}. Accuracy on training digits ${percent(learned.accuracy)}, `
      + `on fresh digits ${percent(fresh.accuracy)}; gap in loss ${number(fresh.loss - learned.loss, 2)}.`;
    fill(formula, worked(run, learned, fresh));
    if (!over) return;
    verdict.textContent = verdictOf(run);
    announce(`${says.textContent} ${verdict.textContent}`);
  }

  const counts = slider({ label: "Training digits", min: 0, max: COUNTS.length - 1, value: picked.count,
    show: (at) => COUNTS[at], oninput: (at) => { picked.count = at; start(); } });
  const decays = slider({ label: "Weight decay", min: 0, max: DECAYS.length - 1, value: picked.decay,
    show: (at) => DECAYS[at], oninput: (at) => { picked.decay = at; start(); } });
  const layers = choice({ label: "Hidden layers", value: picked.layers, options: Object.entries(LAYERS),
    onchange: (value) => { picked.layers = value; start(); } });
  const back = button("Back to the start", () => {
    Object.assign(picked, START);
    layers.querySelector("select").value = picked.layers;
    counts.put(picked.count);
    decays.put(picked.decay);
    start();
  });
  fill(figure,
    el("div", { class: "controls" }, counts, layers, decays, back),
    drawing, says, verdict,
    panel("some of the training digits",
      el("div", { class: "learned" }, some.map(({ element }) => element), more)));
  start();
}

/** A network that learns, and what was found on the way. */
class Run {
  constructor({ count, layers, decay }, { inputs, labels }, validation) {
    Object.assign(this, { count: COUNTS[count], decay: DECAYS[decay], validation, done: 0, over: false });
    this.learned = { inputs: inputs.slice(0, this.count), labels: labels.slice(0, this.count) };
    // A look at 200 of them says as much, and is quicker.
    this.looked = [this.learned.inputs.slice(0, 200), this.learned.labels.slice(0, 200)];
    const hidden = layers.split(" ").filter(Boolean).map(Number);
    this.network = new Network([196, ...hidden, 10], { seed: 1, optimiser: OPTIMISERS.adam() });
    this.weights = this.network.layers
      .reduce((total, { weight, bias }) => total + weight.length + bias.length, 0);
    this.next = steps(this.network, this.learned, { batch: BATCH, rate: RATE, seed: 5, decay: this.decay });
    this.rows = [];
    this.look();
  }

  look() {
    this.rows.push({ step: this.done, learned: this.network.evaluate(...this.looked),
      fresh: this.network.evaluate(this.validation.inputs, this.validation.labels) });
  }

  step() {
    this.next();
    this.done += 1;
    if (this.done % EVERY === 0) this.look();
    return this.done < STEPS;
  }
}

const LAYOUT = {
  legend: { y: 1.03, yanchor: "bottom" },
  xaxis: { title: { text: "steps" }, range: [0, STEPS + 2] },
  yaxis: { title: { text: "loss" }, range: [0, 2.8] },
};

function traces({ rows }, opacity, when = "") {
  const line = (of, color, name, dash) => ({ x: rows.map(({ step }) => step),
    y: rows.map((one) => one[of].loss),
    name: name + when, mode: "lines", opacity, showlegend: !when, hovertemplate: "%{y:.2f}",
    line: { color, dash, width: when ? 1.5 : 2.5 } });
  const gap = when ? {} : { fill: "tonexty", fillcolor: "rgba(224, 123, 57, 0.12)" };
  return [line("learned", "train", "training", "dash"),
    { ...line("fresh", "validation", "validation", "solid"), ...gap }];
}

/** What the two curves together say. */
function verdictOf({ rows }) {
  const { learned, fresh } = rows.at(-1);
  const least = rows.reduce((a, b) => (b.fresh.loss < a.fresh.loss ? b : a));
  const best = `The validation loss was lowest at step ${least.step}, ${number(least.fresh.loss, 2)}`;
  if (learned.loss > 1) return `${best}. The training loss is high as well: this is underfitting.`;
  if (fresh.loss > 1.1 * least.fresh.loss) {
    return `${best}, and has risen to ${number(fresh.loss, 2)}: this is overfitting.`;
  }
  if (fresh.loss - learned.loss <= 0.4) return `${best}; both losses stay close.`;
  return least === rows.at(-1) ? `${best}; it still falls, but the training loss is far below it.`
    : `${best}, and no longer falls, while the training loss does.`;
}

function worked({ count, weights, decay }, learned, fresh) {
  const loss = (name) => sub(mi("L"), text(name));
  const shrunk = [mn(1), mo("−"), mi("η"), mi("λ"), mo("="), mn(1), mo("−"), mn(String(RATE)), mo("·"),
    mn(String(decay)), mo("="), mn(String(1 - RATE * decay))];
  return math(lines(
    [loss("val"), mo("−"), loss("train")],
    [space("1em"), mo("="), mn(number(fresh.loss, 3)), mo("−"), mn(learned.loss.toFixed(3)),
      mo("="), mn(number(fresh.loss - learned.loss, 3))],
    [row(frac(text("weights"), text("digits")), mo("="),
      frac(mn(grouped(weights)), mn(String(count)))), mo("="),
        mn(number(weights / count, 1))],
    ...(decay ? [shrunk] : [])));
}
