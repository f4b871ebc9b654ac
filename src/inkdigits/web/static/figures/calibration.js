// Confidence against the truth: a temperature that mends it, a threshold that acts on it, and a pad.

import { send } from "../api.js";
import { Bars } from "../bars.js";
import { Chart } from "../chart.js";
import { button, el, fill, slider } from "../dom.js";
import { Network, OPTIMISERS, softmax } from "../learn.js";
import { legend } from "../legend.js";
import { lesson, steps, watched } from "../lesson.js";
import { frac, lines, math, mi, mn, mo, row, sub, sup } from "../mathml.js";
import { onDigit } from "../mine.js";
import { likely, number, percent } from "../numbers.js";
import { Pad } from "../pad.js";
import { panel, part } from "../pieces.js";
import { halved } from "../samples.js";
import { inTurn } from "../turns.js";

const [LEARNED, VALIDATED, EPOCHS, BATCH, BINS] = [300, 300, 60, 10, 10];
const COOL = Math.log(0.25);
const HOT = Math.log(5);

export async function mount({ figure, formula }) {
  const [learned, validation, fresh] = await Promise.all(
    [[0, LEARNED], [LEARNED, LEARNED + VALIDATED], [LEARNED + VALIDATED, 1200]].map(([from, to]) =>
      lesson(from, to)));
  const network = new Network([196, 32, 10], { seed: 1, optimiser: OPTIMISERS.adam() });
  const step = steps(network, learned, { batch: BATCH, rate: 0.005, seed: 2 });
  const state = { temperature: 1, threshold: 0.5, digit: null, ready: false };
  const [reliability, rejection, recogniser] = [new Reliability(), new Rejection(), new Recogniser()];
  const says = el("p", { class: "says", role: "status" }, "Training a small network …");
  const heat = slider({ label: "Temperature", min: COOL, max: HOT, step: 0.01, value: 0,
    show: (log) => number(Math.exp(log), 2),
    oninput: (log) => { state.temperature = Math.exp(log); draw(); } });
  const cure = button("Best temperature", () => set(fitted(state.validation, validation.labels)),
    { disabled: true });

  function set(temperature) {
    heat.put(Math.log(temperature));
    state.temperature = temperature;
    draw();
  }

  let done = 0;
  const learn = () => {
    step();
    done += 1;
    return done < (EPOCHS * LEARNED) / BATCH;
  };

  function show(ended) {
    if (!ended) return;
    const logits = ({ inputs }) => inputs.map((input) => network.forward(input).at(-1));
    Object.assign(state, { ready: true, validation: logits(validation), fresh: logits(fresh) });
    cure.disabled = false;
    draw();
  }

  function draw() {
    if (!state.ready) return;
    const answers = answered(state.fresh, fresh.labels, state.temperature);
    const bins = binned(answers);
    reliability.show(bins);
    rejection.show(answers, state.threshold);
    const right = answers.filter((answer) => answer.right).length / answers.length;
    const sure = mean(answers.map(({ confidence }) => confidence));
    says.textContent = `${answers.length} fresh digits: accuracy ${percent(right)}, `
      + `mean confidence ${percent(sure)}, expected calibration error ${percent(bins.error)}.`;
    if (state.digit) fill(formula, worked(network.forward(halved(state.digit)).at(-1), state.temperature));
  }

  fill(figure,
    part("Reliability diagram of a small network",
      el("div", { class: "controls" }, heat, cure, button("As trained", () => set(1))),
      legend(["square", "train", "accuracy by confidence; above: number of digits"],
        ["dotted", "ink", "perfect calibration"]),
      reliability.drawing, says),
    part("Rejection below a threshold",
      el("div", { class: "controls" }, slider({ label: "Reject below", min: 0, max: 0.99, step: 0.01,
        value: state.threshold,
        show: (value) => percent(value, 0),
        oninput: (value) => { state.threshold = value; draw(); recogniser.read(value); } })),
      legend(["line", "train", "all thresholds"], ["star", "validation", "this threshold"]),
      rejection.drawing, rejection.says),
    part("The recogniser of this server, with the same threshold", recogniser.element));
  await onDigit(({ pixels }) => { state.digit = pixels; draw(); });
  recogniser.read(state.threshold);
  watched(learn, show);
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

/** What logits answer at a temperature: each { confidence, right }. */
const answered = (logits, labels, temperature) => logits.map((each, n) => {
  const shares = softmax(each, temperature);
  const confidence = Math.max(...shares);
  return { confidence, right: shares.indexOf(confidence) === labels[n] };
});

/** Bins of equal width: { rows: [{ from, confidence, accuracy, count }], error }. */
export function binned(answers) {
  const bins = Array.from({ length: BINS }, () => []);
  answers.forEach((answer) => bins[Math.min(BINS - 1, Math.floor(answer.confidence * BINS))].push(answer));
  const rows = bins.map((bin, at) => ({ from: at / BINS, count: bin.length,
    confidence: mean(bin.map((answer) => answer.confidence)),
    accuracy: mean(bin.map((answer) => Number(answer.right))) }));
  const error = rows.reduce((total, { count, confidence, accuracy }) =>
    total + count * Math.abs(confidence - accuracy), 0);
  return { rows, error: error / Math.max(1, answers.length) };
}

/** The temperature of the least cross-entropy, by golden section. */
export function fitted(logits, labels) {
  const loss = (log) => mean(logits.map((each, n) => {
    const scaled = each.map((value) => value / Math.exp(log));
    const most = Math.max(...scaled);
    return most + Math.log(scaled.reduce((total, value) => total + Math.exp(value - most), 0))
      - scaled[labels[n]];
  }));
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [COOL, HOT];
  while (high - low > 1e-3) {
    const [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}

/** How often answers of some confidence are right. */
class Reliability {
  constructor() {
    this.drawing = el("div", { class: "low" });
    this.chart = new Chart(this.drawing,
      "Accuracy in each bin of confidence, against the diagonal");
  }

  show({ rows }) {
    const filled = rows.filter(({ count }) => count);
    const axis = { range: [0, 1.001], tickformat: ".0%", fixedrange: true };
    this.chart.show([
      { type: "bar", x: filled.map(({ from }) => from + 0.5 / BINS),
        y: filled.map(({ accuracy }) => accuracy), width: 0.9 / BINS,
        marker: { color: "train" }, customdata: filled.map(({ confidence }) => confidence),
        hovertemplate: "confidence %{customdata:.1%}<br>accuracy %{y:.1%}<extra></extra>" },
      { x: filled.map(({ from }) => from + 0.5 / BINS), y: filled.map(() => 1.07), mode: "text",
        hoverinfo: "skip",
        text: filled.map(({ count }) => count), cliponaxis: false, textfont: { color: "soft" } },
      { x: [0, 1], y: [0, 1], mode: "lines", line: { color: "ink", dash: "dot", width: 1.5 },
        hoverinfo: "skip" }], {
      height: 280, showlegend: false, margin: { t: 8 },
      xaxis: { ...axis, title: { text: "confidence" } },
      yaxis: { ...axis, range: [0, 1.14], title: { text: "accuracy" } } });
  }
}

/** What a threshold rejects, and what is then still misclassified. */
class Rejection {
  constructor() {
    this.drawing = el("div", { class: "low" });
    this.chart = new Chart(this.drawing, "Misclassified share of the accepted digits, by the share that is rejected");
    this.says = el("p", { class: "says", role: "status" });
  }

  show(answers, threshold) {
    const at = (least) => {
      const read = answers.filter(({ confidence }) => confidence >= least);
      const wrong = read.filter(({ right }) => !right).length;
      return { rejected: answers.length - read.length, read: read.length, wrong,
        share: wrong / Math.max(1, read.length) };
    };
    const all = Array.from({ length: 100 }, (_, k) => at(k / 100)).filter(({ read }) => read);
    const now = at(threshold);
    const x = ({ rejected }) => rejected / answers.length;
    this.chart.show([
      { x: all.map(x), y: all.map(({ share }) => share), mode: "lines",
        line: { color: "train", width: 2.5 } },
      { x: [x(now)], y: [now.share], mode: "markers",
        marker: { color: "validation", size: 15, symbol: "star" } }], {
      height: 230, showlegend: false, margin: { t: 8 },
      xaxis: { title: { text: "rejected, of all digits" }, tickformat: ".0%", rangemode: "tozero", fixedrange: true },
      yaxis: { title: { text: "error rate" }, tickformat: ".0%", rangemode: "tozero",
        fixedrange: true } });
    this.says.textContent = now.read
      ? `${now.rejected} of ${answers.length} digits are rejected. Of the ${now.read} accepted, `
        + `${now.wrong} are misclassified (${percent(now.share)}).`
      : "All digits are rejected.";
  }
}

/** The reader's own digit or scribble, read by the program. */
class Recogniser {
  constructor() {
    this.threshold = 0.5;
    this.ask = inTurn(() => this.answer());
    this.bars = new Bars("Probability of each symbol");
    this.says = el("p", { class: "says", role: "status" }, "Draw a digit, or a scribble.");
    this.pad = new Pad({ width: 240, height: 240, label: "Draw a digit, or a scribble",
      onchange: this.ask });
    this.pad.canvas.style.maxWidth = "240px";
    this.pad.put([ZIGZAG]);
    this.element = el("div", { class: "stage" },
      panel("draw here", this.pad.element),
      el("div", { class: "panel wide" }, el("span", {}, "probabilities, given that it is a symbol"), this.bars.element,
        this.says));
  }

  /** Read what is drawn again, with this threshold. */
  read(threshold) {
    this.threshold = threshold;
    this.ask();
  }

  async answer() {
    if (this.pad.empty) {
      this.says.textContent = "Draw a digit, or a scribble.";
      return;
    }
    try {
      const found = await send(`/api/read-digit?min_confidence=${this.threshold}`, await this.pad.blob());
      this.bars.showCandidates(found.candidates);
      this.says.textContent = found.rejection
        ? `Rejected: ${found.reason}.`
        : `Read as ${found.value}, probability ${likely(found.confidence)}.`;
    } catch (error) {
      this.says.textContent = error.message;
    }
  }
}

const ZIGZAG = { thickness: 9, points: [[40, 150], [70, 60], [85, 180], [115, 50], [120, 190], [150, 70],
  [165, 170], [190, 60], [205, 150], [60, 100], [200, 110], [80, 190], [180, 200]] };

function worked(logits, temperature) {
  const order = [...logits.keys()].sort((a, b) => logits[b] - logits[a]);
  const [best, second, third] = order;
  const power = (k) => sup(mi("e"), row(mn(number(logits[k], 1)), mo("/"), mn(number(temperature, 2))));
  const shares = softmax(logits, temperature);
  return math(lines(
    [sub(mi("p"), mn(best)), mo("="),
      frac(power(best), row(power(best), mo("+"), power(second), mo("+"), power(third), mo("+"), mo("…"))),
      mo("="), mn(number(shares[best], 4))],
    [sub(mi("p"), mn(second)), mo("="), mn(number(shares[second], 4)), mo(","), sub(mi("p"), mn(third)),
      mo("="),
      mn(number(shares[third], 4)), mo(","), mo("…")]));
}
