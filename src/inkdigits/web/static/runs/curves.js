// How a run learns: loss and accuracy on one axis of epochs, while it learns and afterwards.

import { Chart } from "../chart.js";
import { button, el } from "../dom.js";
import { many, share } from "./words.js";

/** The curves of a run: `.element`, and `.show(run)` as often as there is more of it. */
export class Curves {
  constructor() {
    this.loss = new Chart(el("div", {}), "Loss");
    this.accuracy = new Chart(el("div", {}), "Accuracy");
    this.rate = new Chart(el("div", { class: "low" }), "Learning rate");
    this.closer = button("Zoom in", () => {
      this.close = !this.close;
      this.closer.setAttribute("aria-pressed", this.close);
      this.show(this.run);
    }, { "aria-pressed": "false", title: "Loss on a logarithmic scale, accuracy from where it levels off" });
    this.says = el("p", { class: "soft small" });
    this.element = el("div", { class: "curves" },
      el("div", { class: "split" },
        el("div", {}, el("h3", {}, "Loss"), this.loss.element),
        el("div", {}, el("h3", {}, "Accuracy"), this.accuracy.element)),
      el("div", { class: "row" }, this.closer),
      this.more = el("details", { ontoggle: () => this.drawRate() }, el("summary", {}, "Learning rate"),
        this.rate.element),
      this.says);
  }

  /** Draw what there is of `run`. */
  show(run) {
    this.run = run;
    const { steps } = run;
    const each = steps.epoch ?? Math.max(1, steps.done / Math.max(1, run.history.length));
    // A point stands at the end of the steps of which it is the mean.
    this.x = steps.losses.map((_, at) => Math.min((at + 1) * steps.every, steps.done) / each);
    this.says.textContent = summary(run);
    this.drawLoss();
    this.drawAccuracy();
    this.drawRate();
  }

  drawRate() {
    const { run, x } = this;
    if (!this.more.open) return;
    this.rate.show([line(x, run.steps.rates, "rate", "train", { mode: "lines" })],
      { ...axes(run), yaxis: { rangemode: "tozero" }, showlegend: false });
  }

  drawLoss() {
    const { run, x } = this;
    const { steps, history, floor } = run;
    const traces = [
      line(x, steps.losses, steps.every > 1 ? `mean of ${steps.every} steps` : "each step", "train",
        { mode: "lines", opacity: 0.6, line: { color: "train", width: 1.2 } }),
      ...both(history, "loss"), ...star(run, "validation_loss"),
    ];
    const shapes = [...mark(run)];
    if (floor) {
      const ends = [0, Math.max(run.epochs, steps.done / (steps.epoch || 1), 1)];
      traces.push(line(ends, [floor, floor], `lower bound ${floor.toFixed(4)}`, "bad",
        { mode: "lines", line: { color: "bad", dash: "dot", width: 1.8 } }));
    }
    const scale = this.close ? { type: "log", dtick: 1 } : { type: "linear", rangemode: "tozero" };
    this.loss.element.setAttribute("aria-label", `Loss by epoch. ${summary(run)}`);
    this.loss.show(traces, { ...axes(run), yaxis: scale, shapes });
  }

  drawAccuracy() {
    const { run } = this;
    const range = !run.history.length ? { range: [0, 1] }
      : this.close ? { range: settled(run.history) } : { autorange: true };
    this.accuracy.element.setAttribute("aria-label", `Accuracy by epoch. ${summary(run)}`);
    this.accuracy.show([...both(run.history, "accuracy"), ...star(run, "validation_accuracy")],
      { ...axes(run), shapes: mark(run), yaxis: { tickformat: ".1~%", ...range } });
  }
}

/** The legend above a chart, where it cannot meet the title of an axis. */
export const ABOVE = { margin: { t: 36 }, legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" } };

/** From where accuracy is in the later half of the epochs, to the top. */
function settled(history) {
  const later = history.slice(Math.floor(history.length / 2));
  const least = Math.min(1, ...later.flatMap((row) => [row.train_accuracy, row.validation_accuracy]));
  return [1 - 1.3 * Math.max(1 - least, 0.001), 1.0005];
}

const line = (x, y, name, colour, rest = {}) => ({ x, y, name, type: "scatter", mode: "lines+markers",
  line: { color: colour }, marker: { color: colour, size: 7 }, ...rest });

const both = (history, what) => [["train", "circle"], ["validation", "diamond"]].map(([part, symbol]) =>
  line(history.map(({ epoch }) => epoch), history.map((row) => row[`${part}_${what}`]), part, part,
    { marker: { color: part, size: 7, symbol } }));

const bestRow = (run) => run.history.find(({ epoch }) => epoch === run.best);

function star(run, what) {
  const row = bestRow(run);
  return row ? [line([row.epoch], [row[what]], `saved: epoch ${row.epoch}`, "good",
    { mode: "markers", marker: { color: "good", size: 15, symbol: "star" } })] : [];
}

const mark = (run) => (bestRow(run) ? [{ type: "line", x0: run.best, x1: run.best, yref: "paper",
  y0: 0, y1: 1, line: { color: "good", dash: "dash", width: 1.2 }, layer: "below" }] : []);

function axes({ live, finished, planned, epochs, steps }) {
  // While it learns the axis goes to where it will end, so that what is left can be seen.
  const reached = Math.max(epochs, steps.done / (steps.epoch || Infinity), 1);
  const last = live && !finished ? planned : reached;
  return { ...ABOVE, xaxis: { title: { text: "epoch" }, range: [0, last * 1.03], tickformat: "~g",
    ...(last <= 12 ? { dtick: 1 } : {}) } };
}

/** What the curves say, in words. */
function summary(run) {
  const row = bestRow(run);
  const chosen = run.monitor === "last" ? "the weights of the last epoch are saved"
    : `the weights with the best validation ${run.monitor} are saved`;
  if (!row) return `${many(run.steps.done, "step")} so far; no epoch completed yet.`;
  return `${many(run.epochs, "epoch")}; ${chosen}: epoch ${row.epoch}, validation loss `
    + `${row.validation_loss?.toFixed(4) ?? "unknown"}, validation accuracy ${share(row.validation_accuracy)}. `
    + "Training metrics are measured during the epoch, with the recipe's dropout, augmentation and label "
    + "smoothing; validation metrics after it, without them.";
}
