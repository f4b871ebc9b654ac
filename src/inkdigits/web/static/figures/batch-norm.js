// A unit's values over a batch, before and after normalisation; and what becomes of one digit.

import { Chart } from "../chart.js";
import { button, choice, el, fill, slider } from "../dom.js";
import { Network, OPTIMISERS, random, run } from "../learn.js";
import { lesson } from "../lesson.js";
import { fence, frac, lines, math, mi, mn, mo, row, sqrt, sup } from "../mathml.js";
import { onDigit } from "../mine.js";
import { hundredths, number } from "../numbers.js";
import { panel } from "../pieces.js";
import { halved, samples } from "../samples.js";

const SIZES = [2, 4, 8, 16, 32, 64, 128];
const [UNITS, STEPS, BATCH] = [6, 150, 20];
const MOMENTUM = 0.1; // of the running statistics; PyTorch's default, as EPSILON is
const EPSILON = 1e-5;
const REACH = 8; // the axis goes as far either way
const BIN = 0.25;

export async function mount({ figure, formula }) {
  const units = await learned(figure);
  const draws = random(7);
  let [unit, size, ink, gamma, beta, mode] = [1, 32, 1, 1, 0, "batch"];
  let [mine, batches] = [null, []];

  const before = new Strip("before");
  const after = new Strip("after");
  const plot = el("div", { class: "settling" });
  const chart = new Chart(plot, "Output for your digit, batch by batch");
  const says = el("p", { class: "says", role: "status" });

  const values = ({ others, ink: strength }) =>
    [mine[unit], ...others.map((k) => units.sums[k][unit])].map((sum) => strength * sum);

  function more(count) {
    for (let at = 0; at < count; at += 1) {
      const others = Array.from({ length: size - 1 }, () => Math.floor(draws() * units.sums.length));
      batches.push({ others, ink });
    }
    batches = batches.slice(-200);
  }

  function draw() {
    if (!mine) return;
    batches.at(-1).ink = ink;
    const story = history(batches.map(values));
    const { own, running } = story.at(-1);
    const now = values(batches.at(-1));
    const used = mode === "batch" ? own : running;
    const passed = (z, { mean, variance }) => (gamma * (z - mean)) / Math.sqrt(variance + EPSILON) + beta;
    const out = now.map((z) => passed(z, used));
    before.show(now);
    after.show(out);
    const lit = (all) => all.filter((value) => value > 0).length;
    says.textContent = `Of ${size} digits, ${lit(now)} activate this unit before and ${lit(out)} after. `
      + `Yours: input ${hundredths(now[0])}, output ${hundredths(out[0])}.`;
    fill(formula, worked(now[0], used, out[0], gamma, beta));
    const x = story.map((_, at) => at + 1);
    const sums = batches.map((batch) => batch.ink * mine[unit]);
    chart.show([
      { x, y: story.map((one, at) => passed(sums[at], one.own)), mode: "markers",
        name: "training: the batch's mean and variance", marker: { color: "train", size: 7 } },
      { x, y: story.map((one, at) => passed(sums[at], one.running)), mode: "lines",
        name: "evaluation: the running mean and variance", line: { color: "validation", width: 3 } },
    ], CHART);
  }

  const next = (count) => () => { more(count); draw(); };
  const settle = (set) => (value) => { set(value); draw(); };
  more(25);
  fill(figure,
    el("div", { class: "controls" },
      choice({ label: "Unit", options: [...Array(UNITS).keys()].map((k) => [k, String(k + 1)]), value: unit,
        onchange: settle((value) => { unit = Number(value); }) }),
      choice({ label: "Statistics", value: mode, options: [["batch", "of this batch (training)"],
        ["running", "running (evaluation)"]], onchange: settle((value) => { mode = value; }) })),
    el("div", { class: "controls tight" },
      slider({ label: "Ink", min: 0.2, max: 1.4, step: 0.1, value: ink,
        show: (value) => `${Math.round(100 * value)}%`, oninput: settle((value) => { ink = value; }) }),
      slider({ label: "γ", min: 0, max: 2, step: 0.1, value: gamma, show: (value) => number(value, 1),
        oninput: settle((value) => { gamma = value; }) }),
      slider({ label: "β", min: -2, max: 2, step: 0.1, value: beta, show: (value) => number(value, 1),
        oninput: settle((value) => { beta = value; }) })),
    before.element, after.element,
    says,
    el("div", { class: "controls tight" },
      slider({ label: "Batch size", min: 0, max: SIZES.length - 1, value: SIZES.indexOf(size),
        show: (at) => SIZES[at], oninput: settle((at) => { size = SIZES[at]; more(1); }) }),
      button("Next batch", next(1)), button("Twenty batches", next(20))),
    panel("output for your digit, batch by batch", plot));
  await onDigit(({ pixels }) => { mine = units.sum(halved(pixels)); draw(); });
}

const CHART = {
  hovermode: false, dragmode: false, margin: { l: 44, r: 6, t: 44, b: 40 },
  xaxis: { title: { text: "batch" }, fixedrange: true }, yaxis: { fixedrange: true },
  legend: { y: 1.02, yanchor: "bottom" },
};

/** Six units that have learned a little: what each of them sums up, for a digit and for all samples. */
async function learned(figure) {
  const says = el("p", { class: "says" }, "Training a small network …");
  fill(figure, says);
  const { inputs, labels } = await lesson(0, 1200);
  const network = new Network([196, UNITS, 10], { seed: 3, optimiser: OPTIMISERS.adam() });
  await new Promise((resolve) => {
    let step = 0;
    run(() => {
      const part = Array.from({ length: BATCH }, (_, at) => (step * BATCH + at) % inputs.length);
      network.step(part.map((k) => inputs[k]), part.map((k) => labels[k]), 0.01);
      step += 1;
      if (step === STEPS) resolve();
      return step < STEPS;
    }, () => { says.textContent = `Training a small network: step ${step} of ${STEPS}.`; });
  });
  const { weight } = network.layers[0];
  const sum = (input) => Array.from({ length: UNITS }, (_, unit) =>
    input.reduce((total, pixel, i) => total + weight[196 * unit + i] * pixel, 0));
  return { sum, sums: inputs.map(sum) };
}

/** For each batch its own statistics, and the running ones after it. */
function history(all) {
  let running = { mean: 0, variance: 1 };
  return all.map((values) => {
    const own = statistics(values);
    // The running variance is that of all digits, which a batch underestimates; PyTorch corrects so, too.
    const whole = (own.variance * values.length) / (values.length - 1);
    running = {
      mean: (1 - MOMENTUM) * running.mean + MOMENTUM * own.mean,
      variance: (1 - MOMENTUM) * running.variance + MOMENTUM * whole,
    };
    return { own, running };
  });
}

function statistics(values) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, variance: values.reduce((total, z) => total + (z - mean) ** 2, 0) / values.length };
}

/** Values as dots over an axis, the first as a diamond; behind them mean and standard deviation. */
class Strip {
  constructor(title) {
    this.dots = el("g");
    this.band = el("rect", { y: 4, height: 92, class: "band" });
    this.middle = el("line", { y1: 4, y2: 96, class: "middle" });
    this.words = el("span");
    const ticks = [-1, -0.5, 0, 0.5, 1].map((part) =>
      el("text", { x: at(part * REACH), y: 118, "text-anchor": "middle" }, number(part * REACH)));
    this.title = title;
    this.element = panel(this.words,
      el("svg", { class: "strip-of-values", "aria-hidden": "true" }, this.band,
        el("line", { x1: place(0), x2: place(0), y1: 0, y2: 102, class: "zero" }),
        el("line", { x1: "0%", x2: "100%", y1: 98, y2: 98, class: "zero" }), this.middle, this.dots, ticks));
  }

  show(values) {
    const { mean, variance } = statistics(values);
    const spread = Math.sqrt(variance);
    const [low, high] = [mean - spread, mean + spread].map((value) => parseFloat(at(value)));
    this.band.setAttribute("x", `${low}%`);
    this.band.setAttribute("width", `${high - low}%`);
    this.middle.setAttribute("x1", at(mean));
    this.middle.setAttribute("x2", at(mean));
    this.words.textContent = `${this.title}: mean ${hundredths(mean)}, `
      + `standard deviation ${hundredths(spread)}`;
    const heights = new Map();
    const places = values.slice(1).map((value) => {
      const bin = Math.round(Math.min(REACH, Math.max(-REACH, value)) / BIN);
      heights.set(bin, (heights.get(bin) ?? -1) + 1);
      return [BIN * bin, heights.get(bin)];
    });
    const step = Math.min(5.6, 88 / Math.max(1, ...heights.values()));
    const dots = places.map(([value, height]) =>
      el("circle", { cx: at(value), cy: 94 - step * height, r: 2.6 }));
    const mine = el("svg", { x: at(values[0]), y: 94, overflow: "visible" },
      el("path", { d: "M0 -9 L7 0 L0 9 L-7 0 Z", class: "mine-here" }));
    fill(this.dots, dots, mine);
  }
}

/** Where a value stands on the axis, in hundredths of its width; what lies outside stands at its end. */
const place = (value) => `${50 + (50 * value) / REACH}%`;
const at = (value) => place(0.94 * Math.min(REACH, Math.max(-REACH, value)));

const signed = (value) =>
  (value < 0 ? row(fence("("), mn(hundredths(value)), fence(")")) : mn(hundredths(value)));

function worked(z, { mean, variance }, y, gamma, beta) {
  const normal = mi("ẑ");
  const scaled = (z - mean) / Math.sqrt(variance + EPSILON);
  const minus = mean < 0 ? "+" : "−";
  return math(lines(
    [mi("μ"), mo("="), mn(hundredths(mean)), mo(","), sup(mi("σ"), mn(2)), mo("="), mn(hundredths(variance))],
    [normal, mo("="), frac(row(mn(hundredths(z)), mo(minus), mn(hundredths(Math.abs(mean)))),
      sqrt(mn(hundredths(variance)), mo("+"), mi("ε"))), mo("="), mn(hundredths(scaled))],
    [mi("y"), mo("="), mn(number(gamma, 1)), mo("·"), signed(scaled), mo(beta < 0 ? "−" : "+"),
      mn(number(Math.abs(beta), 1)), mo("="), mn(hundredths(y))]));
}
