// What softened targets ask for, and two networks that learned with and without them.

import { Chart } from "../chart.js";
import { announce, el, fill, slider } from "../dom.js";
import { Network, OPTIMISERS } from "../learn.js";
import { lesson, steps, watched } from "../lesson.js";
import { frac, lines, math, mi, mn, mo, row, space, sub } from "../mathml.js";
import { number, percent } from "../numbers.js";
import { panel } from "../pieces.js";

const [EPOCHS, BATCH, RATE] = [16, 20, 0.01];
const [LEARNED, FIRST, LAST] = [400, 900, 1200]; // samples to learn from, and fresh ones
const CLASSES = 10;
const TRUTH = 7;
const BINS = 10;
const SHARES = Array.from({ length: 199 }, (_, k) => (k + 1) / 200);

export async function mount({ figure, formula }) {
  const [learned, fresh] = await Promise.all([lesson(0, LEARNED), lesson(FIRST, LAST)]);
  let smoothing = 0.1;
  let share = 0.99; // that the network gives to the truth
  let [hard, soft, stop] = [null, null, null]; // two networks, and what stops their learning

  const asked = el("div");
  const askedChart = new Chart(asked,
    "Loss by the probability of the true class, with and without label smoothing");
  const found = el("div");
  const foundChart = new Chart(found, "Distribution of confidence of each network, on fresh digits");
  const targets = Array.from({ length: CLASSES }, (_, k) =>
    el("span", { class: k === TRUTH ? "target truth" : "target" }));
  const says = el("p", { class: "says" });
  const verdict = el("p", { class: "says" });

  function ask() {
    const [high, low] = wanted(smoothing);
    targets.forEach((cell, k) => fill(cell, el("b", {}, String(k)), number(k === TRUTH ? high : low, 3)));
    const [plain, smooth] = [0, smoothing].map((epsilon) => lossAt(share, epsilon));
    askedChart.show(curves(smoothing, share), ASKED);
    says.textContent = `At p = ${number(share, 3)} the plain loss is ${number(plain, 3)}, the smoothed one `
      + `${number(smooth, 3)}. The minima are 0, and ${number(floor(smoothing), 3)} `
      + `at p = ${number(high, 3)}.`;
    fill(formula, worked(smoothing, share));
  }

  function train() {
    stop?.();
    hard = hard?.over ? hard : new Learner("Plain targets", 0, learned);
    soft = new Learner("Smoothed targets", smoothing, learned);
    stop = watched(() => {
      const going = hard.over ? false : hard.step();
      return soft.step() || going;
    }, (over) => {
      foundChart.show([hard.bars(fresh, "train", ""), soft.bars(fresh, "validation", "/")], FOUND);
      verdict.textContent = over ? summary(hard, soft)
        : `Training two networks: epoch ${soft.epoch} of ${EPOCHS}.`;
      if (over) announce(verdict.textContent);
    }, 250);
  }

  fill(figure,
    el("div", { class: "controls" },
      slider({ label: "Smoothing ε", min: 0, max: 0.4, step: 0.01, value: smoothing,
        show: (value) => value.toFixed(2),
        oninput: (value) => { smoothing = value; ask(); train(); } }),
      slider({ label: "p of the true class", min: 0.005, max: 0.995, step: 0.005, value: share,
        show: (value) => value.toFixed(3),
        oninput: (value) => { share = value; ask(); } })),
    panel(`the ten targets for a ${TRUTH}`,
      el("div", { class: "targets" }, targets)),
    panel("loss by p", asked),
    says,
    panel(`confidence of two networks, trained on the same ${LEARNED} digits, on ${LAST - FIRST} fresh ones`,
      found),
    verdict);
  ask();
  train();
}

/** A network that learns with some smoothing. */
class Learner {
  constructor(name, smoothing, learned) {
    Object.assign(this, { name, count: learned.labels.length, done: 0 });
    this.network = new Network([196, 32, CLASSES], { seed: 1, optimiser: OPTIMISERS.adam() });
    this.next = steps(this.network, learned, { batch: BATCH, rate: RATE, seed: 5, smoothing });
  }

  get epoch() {
    return Math.ceil((this.done * BATCH) / this.count);
  }

  get over() {
    return this.done * BATCH >= EPOCHS * this.count;
  }

  step() {
    this.next();
    this.done += 1;
    return !this.over;
  }

  /** Its confidences on fresh digits, as a histogram. */
  bars({ inputs, labels }, color, shape) {
    const answers = inputs.map((input) => this.network.predict(input));
    const sure = answers.map((shares) => Math.max(...shares));
    this.sure = sure.reduce((a, b) => a + b, 0) / sure.length;
    this.right = answers.filter((shares, n) => shares.indexOf(sure[n]) === labels[n]).length / labels.length;
    this.certain = sure.filter((value) => value > 0.99).length / sure.length;
    const counts = Array(BINS).fill(0);
    sure.forEach((value) => { counts[Math.min(BINS - 1, Math.floor(value * BINS))] += 1 / sure.length; });
    return { type: "bar", name: this.name, x: counts.map((_, k) => (k + 0.5) / BINS), y: counts,
      hovertemplate: "%{y:.1%}",
      marker: { color, pattern: { shape, fillmode: "overlay", fgcolor: "card", size: 8, solidity: 0.3 } } };
  }
}

/** The targets of the truth and of every other digit. */
const wanted = (epsilon) => [1 - epsilon + epsilon / CLASSES, epsilon / CLASSES];

/** The loss where the truth has the probability p, and the others share the rest alike. */
function lossAt(p, epsilon) {
  const [high, low] = wanted(epsilon);
  return -high * Math.log(p) - (CLASSES - 1) * low * Math.log((1 - p) / (CLASSES - 1));
}

/** The least loss there is: the entropy of the targets. */
const floor = (epsilon) => (epsilon ? lossAt(wanted(epsilon)[0], epsilon) : 0);

const ASKED = {
  legend: { y: 1.03, yanchor: "bottom" },
  xaxis: { title: { text: "p of the true class" }, range: [0, 1.02] },
  yaxis: { title: { text: "loss" }, range: [0, 4] },
};
const FOUND = {
  legend: { y: 1.03, yanchor: "bottom" },
  bargap: 0.15,
  bargroupgap: 0.05,
  xaxis: { title: { text: "confidence" }, range: [0, 1], tickformat: ".0%" },
  yaxis: { title: { text: "share of fresh digits" }, tickformat: ".0%", rangemode: "tozero" },
};

function curves(smoothing, share) {
  const curve = (epsilon, name, color, dash) => ({ x: SHARES, y: SHARES.map((p) => lossAt(p, epsilon)), name,
    mode: "lines",
    line: { color, dash, width: 2.5 }, hovertemplate: "%{y:.2f}" });
  const points = (x, y, name, symbol, size, color) => ({ x, y, name, mode: "markers", cliponaxis: false,
    hovertemplate: "%{y:.3f}", marker: { symbol, size, color, line: { color: "ink", width: 1.5 } } });
  return [
    curve(0, "plain", "train", "dash"),
    curve(smoothing, `ε = ${smoothing.toFixed(2)}`, "validation", "solid"),
    points([1, wanted(smoothing)[0]], [0, floor(smoothing)], "minimum", "star", 15, "accent"),
    points([share, share], [lossAt(share, 0), lossAt(share, smoothing)], "your p", "circle", 9, "card"),
  ];
}

const summary = (...learners) => learners.map((one) => `${one.name}: `
  + `accuracy ${percent(one.right)}, mean confidence ${percent(one.sure)}, confidence above 99% on `
  + `${percent(one.certain)} of the digits.`).join(" ");

function worked(epsilon, p) {
  const [high, low] = wanted(epsilon);
  const y = (index) => sub(mi("y"), index);
  const others = number((1 - p) / (CLASSES - 1), 4);
  const ln = (value) => [mi("ln"), space("0.17em"), mn(value)];
  const first = [y(mi("t")), mo("="), mn(number(1 - epsilon, 2)), mo("+"),
    frac(mn(number(epsilon, 2)), mn(CLASSES)), mo("="),
    mn(number(high, 3))];
  const loss = [mi("L"), mo("="), mo("−"), mn(number(high, 3)), mo("·"), ...ln(number(p, 3))];
  const total = [space("1.6em"), mo("−"), mn(9), mo("·"), mn(number(low, 3)), mo("·"),
    ...ln(others), mo("="),
    mn(number(lossAt(p, epsilon), 3))];
  const gap = epsilon
    ? [mi("ln"), row(mo("("), mn(number(high, 3)), mo("/"), mn(number(low, 3)), mo(")")), mo("="),
      mn(number(Math.log(high / low), 2))]
    : [mi("ln"), row(mo("("), mn(1), mo("/"), mn(0), mo(")")), mo("="), mo("∞")];
  return math(lines(first, loss, total, [sub(mi("z"), mi("t")), mo("−"), sub(mi("z"), mi("k")), mo("="),
    ...gap]));
}
