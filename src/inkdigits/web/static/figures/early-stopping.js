// A network learns, its validation curve is watched, and patience says when to stop and what was kept.

import { Chart } from "../chart.js";
import { announce, choice, el, fill, slider } from "../dom.js";
import { Network, OPTIMISERS } from "../learn.js";
import { lesson, steps, watched } from "../lesson.js";
import { lines, math, mi, mn, mo, row, space, sub, sup } from "../mathml.js";
import { number, percent } from "../numbers.js";
import { Pixels } from "../paint.js";
import { panel } from "../pieces.js";

const [EPOCHS, BATCH] = [40, 10];
const DIGITS = [[0, 120], [200, 300], [400, 700]]; // samples to learn from, to validate on, and to judge by
const [LEARNED, FRESH] = [120, 300];
const MONITORS = {
  loss: { title: "validation loss", better: (a, b) => a < b, show: (value) => number(value, 3) },
  accuracy: { title: "validation accuracy", better: (a, b) => a > b, show: (value) => percent(value) },
};

export async function mount({ figure, formula }) {
  const [learned, validation, fresh] = await Promise.all(DIGITS.map(([from, to]) => lesson(from, to)));
  const network = new Network([196, 32, 32, 10], { seed: 3, optimiser: OPTIMISERS.adam() });
  const step = steps(network, learned, { batch: BATCH, rate: 0.005, seed: 5 });
  const history = []; // a row an epoch: figures, what the network scores on fresh digits, a picture of it
  let [patience, monitor] = [5, "loss"];

  const drawing = el("div", { class: "tall" });
  const chart = new Chart(drawing, "Training and validation by epoch, the best epoch marked by a star");
  const says = el("p", { class: "says" }, "Training a small network …");
  const [copied, referred] = [new Saved(), new Saved()];

  function epoch() {
    let loss = 0;
    let right = 0;
    for (let k = 0; k < LEARNED / BATCH; k += 1) {
      const found = step();
      loss += (found.loss * BATCH) / LEARNED;
      right += found.right / LEARNED;
    }
    history.push({ train: { loss, accuracy: right },
      validation: network.evaluate(validation.inputs, validation.labels),
      fresh: network.evaluate(fresh.inputs, fresh.labels), weights: network.layers[0].weight.slice(0, 196) });
    return history.length < EPOCHS;
  }

  function show() {
    const { best, stop } = decided(history, monitor, patience);
    const at = (n) => history[n - 1];
    chart.show(traces(history, monitor, best, stop), layout(history, monitor, stop));
    const apart = Math.max(1e-6, ...at(best).weights.map((weight, k) =>
      Math.abs(weight - at(stop).weights[k])));
    copied.show(at(best), best, at(stop), apart);
    referred.show(at(stop), stop, at(stop), apart);
    says.textContent = sentence(history, monitor, patience, best, stop);
    fill(formula, worked(history, monitor, patience, best, stop));
  }

  const change = (set) => (value) => {
    set(value);
    if (history.length) show();
    announce(says.textContent);
  };
  const entry = (code, words, { element }) => el("div", { class: "kept" },
    el("div", {}, el("code", {}, code), ` ${words}`), element);
  fill(figure,
    el("div", { class: "controls" },
      slider({ label: "Patience", min: 0, max: 12, value: patience,
        show: (value) => (value ? `${value} epochs` : "never stop"),
        oninput: change((value) => { patience = value; }) }),
      choice({ label: "Monitor", value: monitor,
        options: Object.entries(MONITORS).map(([key, { title }]) => [key, title]),
        onchange: change((value) => { monitor = value; }) })),
    drawing, says,
    panel(`what "best" holds after training, and its metrics on ${FRESH} fresh digits`,
      el("div", { class: "keeps" },
        entry("best = deepcopy(weights)", "saves a copy", copied),
        entry("best = weights", "saves an alias", referred))));
  watched(epoch, show);
}

/** Weights that were kept: a picture of some, what sets them apart from the last ones, their score. */
class Saved {
  constructor() {
    [this.picture, this.apart] = [0, 1].map(() =>
      new Pixels({ label: "Weights", size: 98, rows: 14, columns: 14, kind: "signed" }));
    [this.epoch, this.score] = [el("b", {}), el("span", { class: "number" })];
    const titled = (title, { element }) => panel(title, element);
    this.element = el("div", { class: "row" }, titled("unit weights", this.picture),
      titled("minus last epoch", this.apart), el("div", {}, this.epoch, this.score));
  }

  show({ weights, fresh }, epoch, last, most) {
    const apart = weights.map((weight, k) => weight - last.weights[k]);
    this.picture.show(weights, 0.4);
    this.apart.show(apart, most);
    this.picture.element.setAttribute("aria-label", `Weights of one unit after epoch ${epoch}`);
    this.apart.element.setAttribute("aria-label", apart.some(Boolean)
      ? "They differ from those of the last epoch" : "No difference from those of the last epoch");
    this.epoch.textContent = `epoch ${epoch}`;
    fill(this.score, `loss ${number(fresh.loss, 2)}`, el("br"), `accuracy ${percent(fresh.accuracy)}`);
  }
}

/** The best epoch and the last, from 1, as patience has it; no patience never stops. */
function decided(history, monitor, patience) {
  const { better } = MONITORS[monitor];
  let best = 1;
  for (let epoch = 1; epoch <= history.length; epoch += 1) {
    if (better(history[epoch - 1].validation[monitor], history[best - 1].validation[monitor])) best = epoch;
    if (patience && epoch - best >= patience) return { best, stop: epoch };
  }
  return { best, stop: history.length };
}

function traces(history, monitor, best, stop) {
  const { title } = MONITORS[monitor];
  const epochs = history.map((_, at) => at + 1);
  const line = (of, name, more = {}) => ({ x: epochs, y: history.map((one) => one[of][monitor]), name,
    mode: "lines",
    line: { color: of, width: 2.5, ...more }, hovertemplate: "%{y:.3f}" });
  return [
    line("train", `training ${monitor}`, { dash: "dash" }),
    line("validation", title),
    { x: [best], y: [history[best - 1].validation[monitor]], name: "best", mode: "markers",
      hovertemplate: `epoch ${best}`,
      marker: { symbol: "star", size: 17, color: "validation", line: { color: "ink", width: 1.2 } } },
    { x: [stop], y: [history[stop - 1].validation[monitor]], name: "last", mode: "markers",
      hovertemplate: `epoch ${stop}`,
      marker: { symbol: "square", size: 10, color: "card", line: { color: "ink", width: 2 } } },
  ];
}

function layout(history, monitor, stop) {
  const over = stop < history.length;
  return {
    legend: { y: 1.03, yanchor: "bottom" },
    xaxis: { title: { text: "epoch" }, range: [0.5, EPOCHS + 0.5] },
    yaxis: { title: { text: monitor }, rangemode: "tozero", tickformat: monitor === "accuracy" ? ".0%" : "" },
    shapes: over ? [{ type: "rect", x0: stop + 0.4, x1: EPOCHS + 0.5, yref: "paper", y0: 0, y1: 1,
      layer: "above",
      line: { width: 0 }, fillcolor: "card", opacity: 0.72 }] : [],
    annotations: over ? [{ x: stop + 0.7, xanchor: "left", yref: "paper", yanchor: "middle",
      y: monitor === "loss" ? 0.95 : 0.05,
      showarrow: false,
      text: "never trained" }] : [],
  };
}

function sentence(history, monitor, patience, best, stop) {
  const { title, show } = MONITORS[monitor];
  const summary = `Best: epoch ${best}, ${title} ${show(history[best - 1].validation[monitor])}.`;
  if (stop < history.length || (patience && stop - best >= patience)) {
    const waited = patience === 1 ? "1 epoch" : `${patience} epochs`;
    return `${summary} No better one in ${waited}: stopped after epoch ${stop}.`;
  }
  const now = history.length;
  return `${summary} ${now < EPOCHS ? `Epoch ${now} of ${EPOCHS}.` : `Trained to the end, epoch ${stop}.`}`;
}

function worked(history, monitor, patience, best, stop) {
  const { show } = MONITORS[monitor];
  const star = () => sup(mi("e"), mo("∗"));
  const value = (epoch) => show(history[epoch - 1].validation[monitor]);
  const name = (epoch) => sub(mi(monitor === "loss" ? "L" : "A"), mn(epoch));
  const over = patience && stop - best >= patience;
  return math(lines(
    [star(), mo("="), mn(best), mo(":"), name(best), mo("="), mn(value(best)), mo(","),
      space("1em"), name(stop),
      mo("="), mn(value(stop))],
    [mi("e"), mo("−"), star(), mo("="), row(mn(stop), mo("−"), mn(best)), mo("="), mn(stop - best),
      ...(patience ? [mo(over ? "≥" : "<"), mn(patience)] : [])]));
}
