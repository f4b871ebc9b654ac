// The learning rate: a small network learns at several, with schedules, and two searches find one.

import { Chart, CYCLE } from "../chart.js";
import { announce, button, choice, el, fill, slider } from "../dom.js";
import { Network, random, run, shuffled } from "../learn.js";
import { lesson } from "../lesson.js";
import { frac, lines, math, mi, mn, mo, paren, row, sub, text } from "../mathml.js";
import { number, twoFigures } from "../numbers.js";
import { panel } from "../pieces.js";

const [COUNT, BATCH, STEPS] = [400, 20, 100];
const [LOW, HIGH] = [0.001, 100]; // of the rates
const RANGE_STEPS = 300;
const SMOOTHING = 0.95; // of the range test, as in `inkdigits find-lr`
const SWEEP = [0.001, 0.01, 0.03, 0.1, 0.3, 0.6, 1, 3, 10];
const CONSTANT = { name: "constant", warmup: 0 };
const MOST = 6; // lines
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
const SCHEDULES = ["constant", "linear", "cosine", "one-cycle"];
const TICKS = { rates: [0.001, 0.01, 0.1, 1, 10, 100], losses: [0.5, 1, 2, 5, 10, 20] };

/** What multiplies the rate when `progress`, 0 to 1, of the steps are done. */
export function factor({ name, warmup }, progress) {
  if (progress < warmup) return progress / warmup;
  const fallen = (progress - warmup) / (1 - warmup);
  if (name === "constant") return 1;
  return name === "linear" ? 1 - fallen : (1 + Math.cos(Math.PI * fallen)) / 2;
}

export async function mount({ figure, formula }) {
  const digits = await lesson(0, COUNT);
  const schedule = { ...CONSTANT };
  let rate = 0.3;
  let at = 25;
  let trained = [];
  let range = null;
  let sweep = [];
  const queue = [];
  let count = 0;
  let working = false;

  const places = { schedule: el("div"), losses: el("div"), rates: el("div") };
  const charts = {
    schedule: new Chart(places.schedule, "Learning rate by step"),
    losses: new Chart(places.losses, "Smoothed loss of every run so far, by step"),
    rates: new Chart(places.rates, "Loss by learning rate, from a range test and a sweep"),
  };
  const says = { runs: el("p", { class: "says" }), search: el("p", { class: "says" }) };
  const rating = slider({ label: "Learning rate", min: 0, max: 100, step: 1, value: positionOf(rate),
    show: (part) => twoFigures(rateAt(part)), oninput: (part) => { rate = rateAt(part); plan(); } });
  const warming = slider({ label: "Warm-up", min: 0, max: 50, step: 5, value: 0, show: (part) => `${part}%`,
    oninput: (part) => { schedule.warmup = part / 100; plan(); } });

  function pick(name) {
    const cycled = schedule.name === "one-cycle"; // of which the warm-up is a part
    schedule.name = name;
    if (cycled || (name === "one-cycle" && schedule.warmup === 0)) schedule.warmup = cycled ? 0 : 0.2;
    warming.put(100 * schedule.warmup);
    plan();
  }

  /** Show the schedule that the next run would have. */
  function plan() {
    const xs = [...Array(STEPS).keys()];
    const here = rate * factor(schedule, at / STEPS);
    charts.schedule.show([
      { x: xs, y: xs.map((k) => rate * factor(schedule, k / STEPS)), mode: "lines", showlegend: false,
        line: { color: "accent", width: 2.5 }, hovertemplate: "%{y:.3g}<extra></extra>" },
      { x: [at], y: [here], mode: "markers", showlegend: false, marker: { color: "ink", size: 10 },
        hoverinfo: "skip" },
    ], { margin: { t: 10 }, yaxis: { range: [0, rate * 1.1] } });
    fill(formula, math(lines(...sums(rate, schedule, at, range))));
  }

  function queued(job) {
    if (job.loud) queue.unshift(job); // what was asked for last is wanted first
    else queue.push(job);
    if (!working) work();
  }

  function work() {
    const job = queue.shift();
    working = Boolean(job);
    if (!job) return;
    run(() => { job.step(); return !job.done; }, () => {
      says[job.place].textContent = job.tells();
      if (job.done || !sweep.includes(job)) draw(job.place);
      if (!job.done) return;
      if (job === sweep.at(-1)) says.search.textContent = found(sweep);
      if (job.loud) announce(job.tells());
      work();
    }, 8);
  }

  function train(where, how, loud) {
    const job = Object.assign(new Training(digits, where, how), { place: "runs", line: count % MOST, loud });
    count += 1;
    trained = [...trained, job].slice(-MOST);
    queued(job);
  }

  const draw = (place) => (place === "runs" ? drawRuns() : drawSearch());

  function drawRuns() {
    charts.losses.show(trained.filter(({ losses }) => losses.length).map(lossLine), {
      margin: { t: 10 }, showlegend: true, xaxis: { range: [0, STEPS] },
      yaxis: { type: "log", range: [Math.log10(0.4), Math.log10(20)], tickvals: TICKS.losses },
    });
  }

  function drawSearch() {
    const swept = sweep.filter(({ done }) => done);
    charts.rates.show(rateTraces(range, swept), {
      margin: { t: 10 }, showlegend: true,
      xaxis: { type: "log", range: [Math.log10(LOW), Math.log10(HIGH)], tickvals: TICKS.rates,
        ticktext: TICKS.rates.map(String) },
      yaxis: { range: [0, 5] },
    });
    if (range?.done) plan();
  }

  function test(loud) {
    range = Object.assign(new RangeTest(digits), { place: "search", loud });
    queued(range);
  }

  function sweeping() {
    sweep = SWEEP.map((one) => Object.assign(new Training(digits, one, CONSTANT), { place: "search" }));
    sweep.forEach(queued);
  }

  const use = () => {
    if (!range?.done) return;
    rate = Number(twoFigures(range.chosen)); // between two places of the slider
    rating.put(positionOf(rate));
    plan();
    announce(`The learning rate is now ${twoFigures(rate)}.`);
  };
  fill(figure,
    el("div", { class: "controls" }, rating,
      choice({ label: "Schedule", value: schedule.name, options: SCHEDULES.map((name) => [name, name]),
        onchange: pick }), warming),
    el("div", { class: "controls" },
      button("Train", () => train(rate, { ...schedule }, true), { class: "main" }),
      button("Clear", () => { trained = []; drawRuns(); })),
    el("div", { class: "rate-charts" },
      panel("learning rate by step", places.schedule),
      panel("smoothed loss of every run", places.losses)),
    says.runs,
    el("div", { class: "controls" }, slider({ label: "Step in the formula", min: 0, max: STEPS - 1, value: at,
      oninput: (value) => { at = value; plan(); } })),
    el("h3", {}, "Finding a learning rate"),
    el("div", { class: "controls" }, button("Range test", () => test(true)),
      button("Sweep nine rates", sweeping), button("Use a tenth", use)),
    panel("loss by learning rate", places.rates),
    says.search);
  plan();
  [0.003, 0.3, 30].forEach((one) => train(one, CONSTANT, false));
  test(false);
}

/** A network, and the batches that it learns from; always the same. */
class Learner {
  constructor(digits) {
    this.digits = digits;
    this.network = new Network([196, 24, 10], { seed: 3 });
    Object.assign(this, { order: [], epoch: 0, losses: [], smooth: [], mean: 0, broken: false });
  }

  learn(rate, smoothing) {
    if (!this.order.length) {
      this.order = shuffled(COUNT, random(100 + this.epoch));
      this.epoch += 1;
    }
    const rows = this.order.splice(0, BATCH);
    const { inputs, labels } = this.digits;
    const { loss } = this.network.step(rows.map((k) => inputs[k]), rows.map((k) => labels[k]), rate);
    this.losses.push(loss);
    this.mean = smoothing * this.mean + (1 - smoothing) * loss;
    this.smooth.push(this.mean / (1 - smoothing ** this.losses.length)); // it starts at 0: made up for
    if (!Number.isFinite(loss)) this.broken = true;
  }
}

/** A run of a fixed number of steps. */
class Training extends Learner {
  constructor(digits, rate, schedule) {
    super(digits);
    Object.assign(this, { rate, schedule });
  }

  get done() {
    return this.broken || this.losses.length === STEPS;
  }

  get end() {
    return this.broken ? NaN : this.smooth.at(-1);
  }

  get name() {
    const { name, warmup } = this.schedule;
    const how = [name === "constant" ? "" : name, warmup && name !== "one-cycle" ? "warm-up" : ""];
    return [twoFigures(this.rate), ...how].filter(Boolean).join(", ");
  }

  step() {
    this.learn(this.rate * factor(this.schedule, this.losses.length / STEPS), 0.8);
  }

  tells() {
    if (!this.done) return `Training at rate ${this.name}: step ${this.losses.length} of ${STEPS}.`;
    if (this.broken) return `At rate ${this.name} training diverged: the loss is no longer a number.`;
    return `After ${STEPS} steps at rate ${this.name} the loss is ${number(this.end, 2)}.`;
  }
}

/** A run in which the rate rises from the lowest to the highest, by the same factor at each step. */
class RangeTest extends Learner {
  constructor(digits) {
    super(digits);
    this.rates = [];
  }

  get done() {
    return this.broken || this.losses.length === RANGE_STEPS;
  }

  /** A tenth of the rate at which the smoothed loss is least. */
  get chosen() {
    return this.least / 10;
  }

  get least() {
    const known = this.smooth.filter(Number.isFinite);
    return this.rates[known.indexOf(Math.min(...known))];
  }

  step() {
    this.rates.push(LOW * (HIGH / LOW) ** (this.losses.length / RANGE_STEPS));
    this.learn(this.rates.at(-1), SMOOTHING);
  }

  tells() {
    if (!this.done) return `Range test: rate ${twoFigures(this.rates.at(-1))}.`;
    return `Range test: the loss is lowest at ${twoFigures(this.least)}; `
      + `a tenth is ${twoFigures(this.chosen)}.`;
  }
}

/** What a sweep found. */
function found(sweep) {
  const best = sweep.reduce((one, other) => (other.end < one.end ? other : one));
  return `Sweep: after ${STEPS} steps the loss is lowest at rate ${best.name}, ${number(best.end, 2)}.`;
}

const rateAt = (part) => Number((LOW * (HIGH / LOW) ** (part / 100)).toPrecision(2));
const positionOf = (rate) => (100 * Math.log(rate / LOW)) / Math.log(HIGH / LOW);

const lossLine = ({ smooth, name, line }) => ({
  x: smooth.map((_, step) => step + 1), y: smooth, name, mode: "lines", hovertemplate: "%{y:.2f}",
  line: { color: CYCLE[line], dash: DASHES[line], width: 2.2 },
});

function rateTraces(range, swept) {
  const traces = [];
  if (range?.losses.length) {
    traces.push({
      x: range.rates, y: range.losses, mode: "markers", name: "range test: batches", hoverinfo: "skip",
      marker: { color: "train", size: 4, opacity: 0.4 },
    }, {
      x: range.rates, y: range.smooth, mode: "lines", name: "smoothed", line: { color: "train", width: 2.5 },
      hovertemplate: "rate %{x:.2g}: %{y:.2f}<extra></extra>",
    });
  }
  if (range?.done) {
    traces.push({
      x: [range.chosen, range.chosen], y: [0, 5], mode: "lines", hoverinfo: "skip",
      name: `a tenth: ${twoFigures(range.chosen)}`, line: { color: "ink", dash: "dot", width: 2 },
    });
  }
  if (swept.length) {
    traces.push({
      x: swept.map(({ rate }) => rate), y: swept.map(({ end }) => end), mode: "lines+markers",
      name: `sweep: after ${STEPS} steps`, line: { color: "validation", dash: "dash" },
      marker: { color: "validation", size: 10, symbol: "diamond" },
      hovertemplate: "rate %{x:.2g}: %{y:.2f}<extra></extra>",
    });
  }
  return traces;
}

/** The rate at one step, and what the range test found. */
function sums(rate, { name, warmup }, at, range) {
  const progress = at / STEPS;
  const now = rate * factor({ name, warmup }, progress);
  const fallen = number((progress - warmup) / (1 - warmup), 2);
  const shapes = {
    constant: [mn(1)],
    linear: [paren(mn(1), mo("−"), mn(fallen))],
    cosine: [frac(mn(1), mn(2)), paren(mn(1), mo("+"), mi("cos"), paren(mi("π"), mo("·"), mn(fallen)))],
  };
  const rising = [frac(mn(number(progress, 2)), mn(number(warmup, 2)))];
  const shape = progress < warmup ? rising : shapes[name] ?? shapes.cosine;
  const eta = () => sub(mi("η"), mn(at));
  const small = (value) => mn(String(Number(value.toPrecision(3))));
  const made = [
    [eta(), mo("="), mn(twoFigures(rate)), mo("·"), row(...shape), mo("="), small(now)],
    [mi("w"), mo("←"), mi("w"), mo("−"), small(now), mo("·"), sub(mi("g"), mn(at))],
  ];
  if (!range?.done) return made;
  return [...made, [text("range test:\u2002"), frac(mn(1), mn(10)), mo("·"), mn(twoFigures(range.least)),
    mo("="), mn(twoFigures(range.chosen))]];
}
