// How far chance moves a figure: the interval of one, the comparison of two, the best of many.

import { Chart } from "../chart.js";
import { button, choice, el, fill, slider } from "../dom.js";
import { argmax, random } from "../learn.js";
import { legend } from "../legend.js";
import { frac, lines, math, mi, mn, mo, row, sqrt, sup } from "../mathml.js";
import { grouped, number, percent } from "../numbers.js";
import { part } from "../pieces.js";

const COUNTS = [50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 60000];
const Z = 1.959964; // what 95% of a normal distribution lies within
const REPEATS = 1000;
const MOST = 100; // networks

export function mount({ figure, formula }) {
  const state = { count: 10000, share: 0.99, first: 21, second: 9, tried: 20, by: "test" };
  const parts = [new Interval(), new Pair(), new Many()];

  function draw() {
    parts.forEach((part) => part.show(state));
    fill(formula, worked(state));
  }

  const set = (name) => (value) => { state[name] = value; draw(); };
  const [interval, pair, many] = parts;
  fill(figure,
    el("div", { class: "controls" },
      slider({ label: "Test digits", min: 0, max: COUNTS.length - 1, value: COUNTS.indexOf(state.count),
        show: (at) => grouped(COUNTS[at]), oninput: (at) => set("count")(COUNTS[at]) }),
      slider({ label: "Accuracy", min: 0.8, max: 1, step: 0.001, value: state.share, show: percent,
        oninput: set("share") })),
    part("1. One network: how precise is its accuracy?", interval.element, interval.says),
    part("2. Two networks on the same digits: which is better?",
      el("div", { class: "controls" },
        slider({ label: "Only A is right", min: 0, max: 60, value: state.first, oninput: set("first") }),
        slider({ label: "Only B is right", min: 0, max: 60, value: state.second, oninput: set("second") })),
      legend(["square", "validation", "at least as uneven as this"], ["square", "train", "less uneven"]),
      pair.drawing, pair.says),
    part("3. Many networks, all equally good: the best is chosen",
      el("div", { class: "controls" },
        slider({ label: "Networks tried", min: 1, max: MOST, value: state.tried, oninput: set("tried") }),
        choice({ label: "Chosen by", value: state.by,
          options: [["test", "the test digits"], ["validation", "as many validation digits"]],
          onchange: set("by") }),
        button("Try again", () => { many.seed += 1; draw(); })),
      legend(["dot", "train", "accuracy on the test digits"], ["star", "validation", "chosen"],
        ["dotted", "ink", "true accuracy of all"]),
      many.drawing, many.says));
  draw();
}

const sentence = () => el("p", { class: "says", role: "status" });

/** Wilson's interval of `right` of `count`: { low, high }. */
export function wilson(right, count) {
  const share = right / count;
  const scale = 1 + Z ** 2 / count;
  const middle = share + Z ** 2 / (2 * count);
  const half = Z * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  // At 0 and 1 rounding may step over the edge.
  return { low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) };
}

/** McNemar's exact test: { p, chances }, the chance of each split if a coin decided. */
export function mcnemar(first, second) {
  const apart = first + second;
  const chances = [0.5 ** apart];
  for (let k = 1; k <= apart; k += 1) chances.push((chances[k - 1] * (apart - k + 1)) / k);
  const tail = chances.slice(0, Math.min(first, second) + 1).reduce((a, b) => a + b, 0);
  return { p: Math.min(1, 2 * tail), chances };
}

/** The verdict, as `inkdigits compare` says it. */
export function verdict(first, second, { only, p }, count) {
  const [onlyFirst, onlySecond] = only;
  if (onlyFirst + onlySecond === 0) return `${first} and ${second} classify the same digits correctly.`;
  const value = p >= 0.001 ? `p = ${Number(p.toPrecision(2))}` : "p < 0.001";
  const of = grouped(count);
  if (onlyFirst === onlySecond) {
    return `${first} and ${second} misclassify the same number of ${of}: not significant (McNemar, ${value}).`;
  }
  const [better, worse] = onlyFirst > onlySecond ? [first, second] : [second, first];
  const found = p < 0.05 ? "significant" : "not significant";
  const fewer = Math.abs(onlyFirst - onlySecond);
  return `${better} misclassifies ${fewer} fewer of ${of} than ${worse}: ${found} (McNemar, ${value}).`;
}

const rightOf = ({ count, share }) => Math.round(share * count);

/** One figure and its interval, on an axis of its own. */
class Interval {
  constructor() {
    this.band = el("div", { class: "band" });
    this.mark = el("div", { class: "mark" });
    this.ends = [el("span"), el("span")];
    this.element = el("div", { class: "interval", "aria-hidden": "true" },
      el("div", { class: "rail" }, this.band, this.mark), el("div", { class: "ends" }, this.ends));
    this.says = sentence();
  }

  show(state) {
    const right = rightOf(state);
    const { low, high } = wilson(right, state.count);
    const from = [0.99, 0.98, 0.95, 0.9, 0.8, 0.5].find((edge) => low >= edge) ?? 0;
    const at = (share) => `${(100 * (share - from)) / (1 - from)}%`;
    Object.assign(this.band.style, { left: at(low), width: `calc(${at(high)} - ${at(low)})` });
    this.mark.style.left = at(right / state.count);
    [from, 1].forEach((edge, k) => { this.ends[k].textContent = percent(edge, 0); });
    this.says.textContent = `${grouped(right)} of ${grouped(state.count)} classified correctly: `
      + `${percent(right / state.count, 2)}, 95% confidence interval `
      + `${percent(low, 2)} to ${percent(high, 2)}: ${number(100 * (high - low), 2)} percentage points wide.`;
  }
}

/** Two networks: all the splits that a coin makes, and the one that was found. */
class Pair {
  constructor() {
    this.drawing = el("div", { class: "low" });
    this.chart = new Chart(this.drawing,
      "Probability of each split if a coin decided; splits at least as uneven as the one found are highlighted");
    this.says = sentence();
  }

  show({ first, second, count }) {
    const { p, chances } = mcnemar(first, second);
    const uneven = (k) => Math.abs(2 * k - first - second) >= Math.abs(first - second);
    const bars = (name, color, fits) => ({ type: "bar", name, marker: { color },
      hovertemplate: "%{x}: %{y:.2%}<extra></extra>",
      x: chances.map((_, k) => k), y: chances.map((chance, k) => (fits(k) ? chance : null)) });
    this.chart.show([
      bars("at least as uneven as this", "validation", uneven),
      bars("less uneven", "train", (k) => !uneven(k))], {
      height: 210, barmode: "overlay", bargap: 0.15, margin: { t: 8 }, showlegend: false,
      xaxis: { title: { text: `how many of these ${first + second} A has right` }, fixedrange: true },
      yaxis: { tickformat: ".0%", title: { text: "probability" }, rangemode: "tozero", fixedrange: true } });
    this.says.textContent = verdict("A", "B", { only: [first, second], p }, Math.max(count, first + second));
  }
}

/** Many equally good networks: what each scores, which is chosen, and by how much it flatters. */
class Many {
  constructor() {
    this.seed = 1;
    this.drawing = el("div", { class: "low" });
    this.chart = new Chart(this.drawing, "Accuracy of each network on the test digits, and which was chosen");
    this.says = sentence();
  }

  show({ count, share, tried, by }) {
    const truth = rightOf({ count, share }) / count;
    const draw = scores(count, 1 - truth, random(this.seed));
    const test = Array.from({ length: tried }, draw);
    const chosen = by === "test" ? argmax(test) : argmax(Array.from({ length: tried }, draw));
    const mean = by === "test" ? excess(count, 1 - truth, tried) : 0;
    const marker = (color, size, symbol) => ({ mode: "markers", marker: { color, size, symbol } });
    const x = test.map((_, k) => k + 1);
    this.chart.show([
      { x, y: test, name: "accuracy on the test digits", ...marker("train", 7, "circle") },
      { x: [chosen + 1], y: [test[chosen]], name: "chosen", ...marker("validation", 15, "star") },
      { x: [0.5, tried + 0.5], y: [truth, truth], name: "true accuracy of all", mode: "lines",
        line: { color: "ink", dash: "dot", width: 1.5 } }], {
      height: 240, margin: { t: 8 }, showlegend: false,
      xaxis: { title: { text: "network" }, range: [0.3, tried + 0.7], fixedrange: true },
      yaxis: { tickformat: ".2%", fixedrange: true, nticks: 5 } });
    const off = test[chosen] - truth;
    const usual = by === "test"
      ? `In ${grouped(REPEATS)} repetitions the winner's accuracy is too high by `
        + `${number(100 * mean, 2)} percentage points on average.`
      : "The test digits had no part in the choice, so the winner's accuracy on them is unbiased.";
    this.says.textContent = `Network ${chosen + 1} is chosen; its accuracy is ${percent(test[chosen], 2)}, `
      + `${number(100 * Math.abs(off), 2)} percentage points ${off < 0 ? "below" : "above"} the true one. ${usual}`;
  }
}

/** A function that draws a score: of `count` digits each is misclassified with `chance`, by inversion. */
function scores(count, chance, draw) {
  const upto = cumulated(count, chance);
  return () => {
    const at = draw();
    let [low, high] = [0, upto.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upto[middle] > at) high = middle;
      else low = middle + 1;
    }
    return 1 - low / count;
  };
}

/** The binomial distribution, summed up; by logarithms, since 0.99 to the 60,000th is no number. */
function cumulated(count, chance) {
  if (chance === 0) return [1];
  const most = Math.min(count, Math.ceil(count * chance + 12 * Math.sqrt(count * chance) + 12));
  const upto = [];
  let log = count * Math.log1p(-chance);
  let total = 0;
  for (let k = 0; k <= most; k += 1) {
    total += Math.exp(log);
    upto.push(total);
    log += Math.log((count - k) / (k + 1)) + Math.log(chance / (1 - chance));
  }
  return upto;
}

/** By how much the best score of `tried` networks is too good: the mean of many contests. */
function excess(count, chance, tried) {
  const draw = scores(count, chance, random(7));
  let total = 0;
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    let most = 0;
    for (let k = 0; k < tried; k += 1) most = Math.max(most, draw());
    total += most - (1 - chance);
  }
  return Math.max(0, total / REPEATS);
}

function worked(state) {
  const n = state.count;
  const k = rightOf(state);
  const { low, high } = wilson(k, n);
  const half = Z * Math.sqrt((k / n) * (1 - k / n) / n + Z ** 2 / (4 * n ** 2));
  const [share, places] = [() => mn(number(k / n, 4)), n < 10000 ? 4 : 5];
  const square = () => sup(mn("1.96"), mn(2));
  const of = (count) => mn(grouped(count));
  return math(lines(
    [mi("p̂"), mo("="), frac(of(k), of(n)), mo("="), share()],
    [mn("1.96"), sqrt(frac(row(share(), mo("·"), mn(number(1 - k / n, 4))), of(n)), mo("+"),
      frac(square(), row(mn(4), mo("·"), sup(of(n), mn(2))))), mo("="), mn(number(half, places))],
    [frac(row(share(), mo("+"), frac(square(), of(2 * n)), mo("±"), mn(number(half, places))),
      row(mn(1), mo("+"), frac(square(), of(n)))), mo("="), mn(number(low, 4)), mo("…"),
        mn(number(high, 4))]));
}
