// Samples are shuffled and dealt out in batches; every batch is a step, and every step has its loss.

import { Chart, CYCLE } from "../chart.js";
import { announce, button, choice, colour, el, fill, still, themed } from "../dom.js";
import { Network, random, shuffled } from "../learn.js";
import { lesson } from "../lesson.js";
import { frac, lines, math, mi, mn, mo, row, sub, text } from "../mathml.js";
import { number } from "../numbers.js";
import { sheetOf } from "../paint.js";
import { panel } from "../pieces.js";
import { samples } from "../samples.js";

const COUNT = 120;
const SIZES = [1, 5, 12, 50, 120];
const LINES = {
  12: ["train", "solid"], 1: ["validation", "solid"], 5: ["good", "dash"], 50: [CYCLE[3], "dashdot"],
  120: [CYCLE[4], "longdash"],
};
const RATE = 0.1;
const CELL = 22; // CSS pixels of a sample on the table, about
const GAP = 10; // between two batches

export async function mount({ figure, formula }) {
  const digits = await lesson(0, COUNT);
  const table = new Table(digits.inputs);
  const runs = new Map(); // batch size -> the run so far
  let run = null;
  let across = "steps";
  let stop = null;

  const places = el("div", { class: "epoch-counts" });
  const counters = Object.fromEntries(["epoch", "batch", "step", "loss of this step"].map((name) => {
    const value = el("b", { class: "number" });
    places.append(el("div", {}, el("span", {}, name), value));
    return [name, value];
  }));
  const drawing = el("div");
  const chart = new Chart(drawing, "The loss of every step, for each batch size that was tried");
  const says = el("p", { class: "says" });
  const play = (label, epochs, seconds) => button(label, () => going(epochs, seconds));
  const buttons = [
    button("Next batch", () => { halt(); step(); show(); tell(); }, { class: "main" }),
    play("To the end of the epoch", 1, 1.6), play("Five epochs", 5, 0.7),
  ];
  const halting = button("Stop", () => { halt(); tell(); }, { disabled: true });
  const again = button("Restart", () => { halt(); runs.clear(); start(run.size); show(); });

  function start(size) {
    run = runs.get(size) ?? new Run(size, digits);
    runs.set(size, run);
    table.deal(run.order, size);
  }

  function step(quick = false) {
    if (run.finished) {
      run.shuffle();
      table.deal(run.order, run.size, quick);
    }
    run.step();
  }

  function going(epochs, seconds) {
    halt();
    const left = run.finished ? 0 : run.batches - run.done;
    const steps = (left || run.batches) + (epochs - 1) * run.batches;
    const began = performance.now();
    let taken = 0;
    let frame = 0;
    [halting.disabled, buttons[0].disabled] = [false, true];
    const next = (now) => {
      const due = Math.min(steps, 1 + Math.floor(((now - began) / 1000 / seconds) * run.batches));
      for (; taken < due; taken += 1) step(epochs > 1);
      show();
      if (taken < steps) frame = requestAnimationFrame(next);
      else { halt(); tell(); }
    };
    frame = requestAnimationFrame(next);
    stop = () => cancelAnimationFrame(frame);
  }

  function halt() {
    stop?.();
    stop = null;
    [halting.disabled, buttons[0].disabled] = [true, false];
  }

  function show() {
    table.mark(run.done);
    counters.epoch.textContent = run.epoch;
    counters.batch.textContent = `${run.done} of ${run.batches}`;
    counters.step.textContent = run.losses.length;
    counters["loss of this step"].textContent = run.losses.length ? number(run.losses.at(-1), 2) : "–";
    says.textContent = sentence(run);
    fill(formula, sums(run));
    plot();
  }

  function plot() {
    const begun = SIZES.map((size) => runs.get(size)).filter((one) => one?.losses.length);
    chart.show(begun.flatMap((one) => traces(one, one === run, across)), layout(run, across));
  }

  const tell = () => announce(`Step ${run.losses.length}. ${says.textContent}`);
  fill(figure,
    el("div", { class: "controls" },
      choice({ label: "Batch size", value: "12", options: SIZES.map((size) => [String(size), size]),
        onchange: (value) => { halt(); start(Number(value)); show(); } }),
      buttons, again, halting),
    places,
    panel(`${COUNT} digits in batches; outlined: the batch of this step; `
      + "faded: used in this epoch", table.element),
    el("div", { class: "panel" }, el("div", { class: "controls" },
      choice({ label: "Loss of every step, by", value: across,
        options: [["steps", "steps"], ["epochs", "epochs"]],
        onchange: (value) => { across = value; show(); } })), drawing),
    says);
  start(12);
  for (let k = 0; k < run.batches + 4; k += 1) step();
  table.land();
  show();
}

/** A network that learns from all inputs in batches of one size. */
class Run {
  constructor(size, digits) {
    Object.assign(this, { size, digits, epoch: 1, done: 0, losses: [], each: [] });
    this.batches = Math.ceil(COUNT / size);
    this.network = new Network([196, 24, 10], { seed: 3 });
    this.order = shuffled(COUNT, random(1));
  }

  get finished() {
    return this.done === this.batches;
  }

  shuffle() {
    this.epoch += 1;
    this.done = 0;
    this.order = shuffled(COUNT, random(this.epoch));
  }

  step() {
    const rows = this.order.slice(this.done * this.size, (this.done + 1) * this.size);
    const labels = rows.map((k) => this.digits.labels[k]);
    const given = rows.map((k) => this.digits.inputs[k]);
    this.each = given.slice(0, 3).map((input, n) => -Math.log(this.network.predict(input)[labels[n]]));
    this.last = rows.length;
    this.losses.push(this.network.step(given, labels, RATE).loss);
    this.done += 1;
  }
}

/** The samples on a canvas, each batch in a frame of its own; they move when they are dealt anew. */
class Table {
  constructor(inputs) {
    this.inputs = inputs;
    this.element = el("canvas", { role: "img", class: "epoch-table",
      "aria-label": "The digits in their shuffled order, in frames of one batch each" });
    Object.assign(this, { order: [], size: COUNT, done: 0, began: 0, width: 0, from: null });
    themed(this.element, () => {
      this.pictures = inputs.map((values) =>
        sheetOf({ values, count: 1, rows: 14, columns: 14, most: 1 }, "ink"));
      this.draw();
    });
    new ResizeObserver(([{ contentRect }]) => {
      if (Math.round(contentRect.width) === this.width) return;
      this.width = Math.round(contentRect.width);
      this.land();
    }).observe(this.element);
  }

  deal(order, size, quick = false) {
    this.from = this.width ? this.now() : null;
    Object.assign(this, { order, size, began: performance.now() });
    this.place();
    if (quick || still()) this.land();
    else this.draw();
  }

  /** Put everything where it belongs at once. */
  land() {
    this.from = null;
    this.place();
    this.draw();
  }

  mark(done) {
    this.done = done;
    this.draw();
  }

  place() {
    if (!this.width) return;
    const { size } = this;
    const columns = Math.min(size, Math.floor((this.width - 8) / CELL));
    const beside = Math.max(1, Math.round(this.width / (columns * CELL + GAP + 4)));
    const left = this.width - 4 - GAP * (beside - 1) - 4 * beside;
    const cell = Math.min(30, Math.floor(left / (beside * columns)));
    const [wide, tall] = [columns * cell + 4, Math.ceil(size / columns) * cell + 4];
    this.frames = Array.from({ length: Math.ceil(COUNT / size) }, (_, b) => {
      const held = Math.min(size, COUNT - b * size);
      return { x: 2 + (b % beside) * (wide + GAP), y: 2 + Math.floor(b / beside) * (tall + GAP),
        wide: Math.min(held, columns) * cell + 4, tall: Math.ceil(held / columns) * cell + 4 };
    });
    this.side = cell - 2;
    this.at = [];
    this.order.forEach((k, n) => {
      const { x, y } = this.frames[Math.floor(n / size)];
      const within = n % size;
      this.at[k] = [x + 3 + (within % columns) * cell, y + 3 + Math.floor(within / columns) * cell];
    });
    const last = this.frames.at(-1);
    const height = last.y + last.tall + 2;
    const sharp = devicePixelRatio || 1;
    Object.assign(this.element, { width: this.width * sharp, height: height * sharp });
    this.element.style.height = `${height}px`;
  }

  /** Where every sample is at this moment of its way. */
  now() {
    const part = Math.min(1, (performance.now() - this.began) / 500);
    if (!this.from || part === 1) return this.at;
    const eased = 1 - (1 - part) ** 3;
    return this.at.map(([x, y], k) => [this.from[k][0] + eased * (x - this.from[k][0]),
      this.from[k][1] + eased * (y - this.from[k][1])]);
  }

  draw() {
    if (!this.width) return;
    const context = this.element.getContext("2d");
    const sharp = devicePixelRatio || 1;
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.clearRect(0, 0, this.width, this.element.height);
    this.frames.forEach(({ x, y, wide, tall }, b) => {
      const current = b === this.done - 1;
      context.lineWidth = current ? 3 : 1;
      context.strokeStyle = colour(current ? "accent" : "line");
      context.strokeRect(x, y, wide, tall);
    });
    const places = this.now();
    this.order.forEach((k, n) => {
      context.globalAlpha = Math.floor(n / this.size) < this.done - 1 ? 0.28 : 1;
      context.drawImage(this.pictures[k], ...places[k], this.side, this.side);
    });
    context.globalAlpha = 1;
    if (places !== this.at) {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.draw());
    } else this.from = null;
  }
}

function sentence({ epoch, done, batches, losses, size }) {
  if (!losses.length) return `One epoch has ${batches} ${batches === 1 ? "step" : "steps"} of ${size} digits.`;
  const here = losses.slice(-done);
  const among = here.length > 1
    ? ` Its steps had losses from ${Math.min(...here).toFixed(2)} to ${Math.max(...here).toFixed(2)}.`
    : "";
  if (done < batches) return `Epoch ${epoch} is under way.${among}`;
  return `Epoch ${epoch} is over: every digit was used once.${among}`;
}

function sums({ size, epoch, done, losses, each, last }) {
  const first = [mi("steps"), mo("="), mn(epoch - 1), mo("·"), mo("⌈"), frac(mn(COUNT), mn(size)), mo("⌉"),
    mo("+"), mn(done), mo("="), mn(losses.length)];
  if (!losses.length) return math(lines(first));
  const shown = each.flatMap((loss, n) => [n ? mo("+") : null, mn(number(loss, 2))].filter(Boolean));
  const rest = last > each.length ? [mo("+"), text("…")] : [];
  return math(lines(first, [sub(mi("L"), mn(losses.length)), mo("="), frac(mn(1), mn(last)), mo("("),
    row(...shown, ...rest), mo(")"), mo("="), mn(number(losses.at(-1), 2))]));
}

function traces(run, current, across) {
  const [color, dash] = LINES[run.size];
  const unit = across === "steps" ? run.batches : 1; // how wide an epoch is
  const epochs = Array.from({ length: Math.floor(run.losses.length / run.batches) }, (_, e) => e);
  const mean = (e) => run.losses.slice(e * run.batches, (e + 1) * run.batches)
    .reduce((total, loss) => total + loss / run.batches, 0);
  return [{
    x: run.losses.map((_, k) => ((k + 1) * unit) / run.batches),
    y: run.losses,
    name: `batch size ${run.size}`,
    legendgroup: run.size,
    mode: run.losses.length < 80 ? "lines+markers" : "lines",
    opacity: current ? 0.9 : 0.45,
    line: { color, dash, width: 1.3 },
    marker: { color, size: 4 },
    hovertemplate: "%{y:.2f}",
  }, {
    x: epochs.map((e) => (e + 1) * unit),
    y: epochs.map(mean),
    legendgroup: run.size,
    showlegend: false,
    mode: "markers",
    marker: { color, size: 11, symbol: "diamond", line: { color: "card", width: 1.5 } },
    hovertemplate: "mean of epoch: %{y:.2f}<extra></extra>",
  }];
}

function layout(run, across) {
  const ends = Array.from({ length: Math.floor(run.losses.length / run.batches) }, (_, e) =>
    (across === "steps" ? (e + 1) * run.batches : e + 1));
  return {
    showlegend: true,
    margin: { t: 10 },
    xaxis: { rangemode: "tozero" },
    yaxis: { rangemode: "tozero" },
    shapes: ends.map((x) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, layer: "below",
      line: { color: "edge", width: 1, dash: "dot" } })),
  };
}
