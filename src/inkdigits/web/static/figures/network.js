// A small network learns here, and reads the reader's digit; its units light up and can be asked why.

import { button, el, fill, slider, still } from "../dom.js";
import { argmax, Network, OPTIMISERS, run, softmax } from "../learn.js";
import { lesson } from "../lesson.js";
import { fence, frac, lines, math, mi, mn, mo, sub, sup } from "../mathml.js";
import { onDigit } from "../mine.js";
import { grouped, likely, number, percent } from "../numbers.js";
import { Pixels } from "../paint.js";
import { panel } from "../pieces.js";
import { halved, samples } from "../samples.js";

const SIZES = [196, 12, 10];
const [HIDDEN, OUTPUTS] = [12, 10];
const [LEARNED, BATCH, STEPS, RATE] = [1000, 20, 600, 0.01]; // the other 200 samples judge
const DECAY = 0.2; // weights that are of no use fade, and the pictures of the others show clearly
const [LEFT, MIDDLE, RIGHT] = [7, 47, 86]; // where the layers stand, in hundredths of the width

export async function mount({ figure, formula }) {
  const data = await lesson(0, 1200);
  const view = new View(pick);
  const shown = new Network(SIZES);
  let [seed, moments, at, follow, stop] = [1, [], 0, true, () => {}];
  let chosen = ["output", 7];
  let [input, touched] = [null, false];

  const says = el("p", { class: "says", role: "status" });
  const time = slider({ label: "Digits seen", min: 0, max: STEPS, step: 10, value: 0,
    show: (step) => grouped(BATCH * step),
    oninput: (step) => { [at, follow] = [step / 10, false]; draw(); } });

  function begin() {
    stop();
    [moments, at, follow] = [[], 0, true];
    const network = new Network(SIZES, { seed, optimiser: OPTIMISERS.adam() });
    stop = run(() => {
      moments.push(moment(network, data));
      for (let step = 0; step < 10; step += 1) learn(network, data, 10 * (moments.length - 1) + step);
      return moments.length <= STEPS / 10;
    }, () => {
      if (!follow || (still() && moments.length <= STEPS / 10)) return;
      at = moments.length - 1;
      time.put(10 * at);
      draw();
    });
  }

  function again() {
    seed += 1;
    begin();
  }

  function draw() {
    if (!input || !moments.length) return;
    const now = moments[Math.min(at, moments.length - 1)];
    Object.assign(shown, { layers: now.layers });
    const given = shown.forward(input);
    const shares = softmax(given[2]);
    const best = argmax(shares);
    if (!touched) chosen = ["output", best];
    view.show(shown, given, shares, chosen);
    fill(formula, chosen[0] === "hidden" ? hiddenSum(shown, given, chosen[1])
      : outputSum(shown, given, shares, chosen[1]));
    says.textContent = `Your digit: ${best} (${likely(shares[best])}). `
      + `Accuracy on 200 fresh digits: ${percent(now.accuracy)}.`;
  }

  function pick(kind, unit) {
    [chosen, touched] = [[kind, unit], true];
    draw();
  }

  fill(figure,
    el("div", { class: "controls" }, time, button("Learn again from other weights", again)),
    view.element, says);
  begin();
  await onDigit(({ pixels }) => { input = halved(pixels); draw(); });
}

function learn(network, { inputs, labels }, step) {
  const from = (step * BATCH) % LEARNED;
  network.step(inputs.slice(from, from + BATCH), labels.slice(from, from + BATCH), RATE, { decay: DECAY });
}

/** The weights as they are now, and how good they are. */
function moment(network, { inputs, labels }) {
  const { accuracy } = network.evaluate(inputs.slice(LEARNED), labels.slice(LEARNED));
  const layers = network.layers.map((layer) =>
    ({ ...layer, weight: layer.weight.slice(), bias: layer.bias.slice() }));
  return { accuracy, layers };
}

/** The network as a picture; calls `onpick(kind, unit)` when a unit is pointed at. */
class View {
  constructor(onpick) {
    this.input = new Pixels({ label: "Your digit in 14×14 pixels", size: 76, rows: 14, columns: 14 });
    this.weights = signedPixels("Weights of the unit", 140);
    this.products = signedPixels("Weights times your digit", 140);
    const height = (at, count) => `${(100 * (at + 0.5)) / count}%`;
    const from = (x, y, toX, toY) => el("line", { x1: `${x}%`, y1: y, x2: `${toX}%`, y2: toY });
    this.hidden = Array.from({ length: HIDDEN }, (_, unit) => {
      const picture = signedPixels("its weights", 32);
      const place = { left: `${MIDDLE}%`, top: height(unit, HIDDEN) };
      return { picture, ...lamp(onpick, "hidden", unit, place, picture.element) };
    });
    this.outputs = Array.from({ length: OUTPUTS }, (_, unit) =>
      lamp(onpick, "output", unit, { left: `${RIGHT}%`, top: height(unit, OUTPUTS) }, el("b", {}, unit)));
    this.ins = this.hidden.map((_, unit) => from(LEFT, "50%", MIDDLE, height(unit, HIDDEN)));
    this.outs = this.outputs.map((_, k) => this.hidden.map((__, j) =>
      from(MIDDLE, height(j, HIDDEN), RIGHT, height(k, OUTPUTS))));
    this.title = el("span");
        this.element = el("div", { class: "stage wiring" },
      el("div", { class: "wires" },
        el("svg", { "aria-hidden": "true" }, this.ins, this.outs.flat()),
        el("div", { class: "input" }, this.input.element),
        [...this.hidden, ...this.outputs].map(({ element }) => element)),
      el("div", { class: "stage asked" }, panel(this.title, this.weights.element),
        panel("× your digit", this.products.element)));
  }

  show(network, given, shares, [kind, unit]) {
    const [input, hidden] = given;
    const most = Math.max(1e-9, ...hidden);
    const { weight: inner } = network.layers[0];
    const { weight: outer } = network.layers[1];
    this.input.show(input);
    this.hidden.forEach((one, j) => {
      one.picture.show(inner.subarray(196 * j, 196 * (j + 1)));
      one.light(hidden[j] / most, number(hidden[j], 1), kind === "hidden" && unit === j);
    });
    this.outputs.forEach((one, k) =>
      one.light(shares[k], percent(shares[k], 0), kind === "output" && unit === k));
    const votes = this.outs.map((_, k) => Array.from(hidden, (value, j) => value * outer[HIDDEN * k + j]));
    const loudest = Math.max(1e-9, ...votes.flat().map(Math.abs));
    this.ins.forEach((line, j) => {
      wire(line, hidden[j] / most, kind === "output" || unit === j);
    });
    this.outs.forEach((lines, k) => lines.forEach((line, j) =>
      wire(line, votes[k][j] / loudest, unit === (kind === "hidden" ? j : k))));
    this.ask(input, kind === "hidden" ? inner.subarray(196 * unit, 196 * (unit + 1))
      : throughUnits(inner, outer, hidden, unit), kind, unit);
  }

  ask(input, weights, kind, unit) {
    this.title.textContent = kind === "hidden" ? `weights of unit ${unit + 1}` : `evidence for ${unit}`;
    this.weights.show(weights);
    this.products.show(weights.map((weight, i) => weight * input[i]));
  }
}

const signedPixels = (label, size) => new Pixels({ label, size, rows: 14, columns: 14, kind: "signed" });

/** A unit that can be pointed at: what it is, a lamp, and its value. */
function lamp(onpick, kind, unit, style, what) {
  const bulb = el("span", { class: "bulb" }, el("span"));
  const value = el("span", { class: "value" });
  const name = kind === "hidden" ? `hidden unit ${unit + 1}` : `output ${unit}`;
  const ask = () => onpick(kind, unit);
  const element = el("div", { class: `unit ${kind}`, style },
    button("", ask, { onpointerenter: ask, onfocus: ask }));
  fill(element.firstChild, what, bulb, value);
  const light = (share, text, chosen) => {
    bulb.firstChild.style.opacity = share;
    value.textContent = text;
    element.firstChild.setAttribute("aria-pressed", chosen);
    element.firstChild.setAttribute("aria-label", `${name}: ${text}`);
  };
  return { element, light };
}

function wire(line, share, chosen) {
  const size = Math.abs(share);
  line.setAttribute("class", share < 0 ? "minus" : "plus");
  line.style.strokeWidth = `${0.5 + 3.5 * size}px`;
  line.style.opacity = size < 0.01 ? 0 : (chosen ? 1 : 0.16) * (0.15 + 0.85 * size);
}

/** What each pixel adds to an output by way of the units that are lit: exact, as long as the same are lit. */
function throughUnits(inner, outer, hidden, output) {
  const found = new Float32Array(196);
  hidden.forEach((value, j) => {
    if (value <= 0) return;
    for (let i = 0; i < 196; i += 1) found[i] += outer[HIDDEN * output + j] * inner[196 * j + i];
  });
  return found;
}

const signed = (value, places = 2) => [mo(value < 0 ? "−" : "+"), mn(number(Math.abs(value), places))];
const times = (a, b) => [...signed(a), mo("·"), mn(number(b, 2))];

/** The `count` places where weight × value is greatest in size. */
function greatest(weights, values, count) {
  return [...weights.keys()].filter((i) => values[i] !== 0)
    .sort((a, b) => Math.abs(weights[b] * values[b]) - Math.abs(weights[a] * values[a])).slice(0, count);
}

function hiddenSum(network, [input, hidden], unit) {
  const { weight, bias } = network.layers[0];
  const own = weight.subarray(196 * unit, 196 * (unit + 1));
  const products = own.map((value, i) => value * input[i]);
  const total = (keep) => products.filter(keep).reduce((a, b) => a + b, 0);
  const [plus, minus] = [total((v) => v > 0), total((v) => v < 0)];
  return math(lines(
    [sub(mi("z"), mn(unit + 1)), mo("="), mn(number(bias[unit], 2)),
      ...greatest(own, input, 3).flatMap((i) => times(own[i], input[i])), mo("+"), mo("…")],
    [mo("="), mn(number(bias[unit], 2)), ...signed(plus), ...signed(minus), mo("="),
      mn(number(bias[unit] + plus + minus, 2))],
    [sub(mi("h"), mn(unit + 1)), mo("="), mi("max"), fence("("), mn(0), mo(","),
      mn(number(bias[unit] + plus + minus, 2)), fence(")"), mo("="), mn(number(hidden[unit], 2))]));
}

function outputSum(network, [, hidden, logits], shares, unit) {
  const { weight, bias } = network.layers[1];
  const own = weight.subarray(HIDDEN * unit, HIDDEN * (unit + 1));
  const used = greatest(own, hidden, 3);
  const rest = logits[unit] - bias[unit] - used.reduce((total, j) => total + own[j] * hidden[j], 0);
  const power = (value) => sup(mi("e"), mn(number(value, 2)));
  const all = logits.reduce((total, value) => total + Math.exp(value), 0);
  return math(lines(
    [sub(mi("z"), mn(unit)), mo("="), mn(number(bias[unit], 2)),
      ...used.flatMap((j) => times(own[j], hidden[j])), ...signed(rest),
      mo("="), mn(number(logits[unit], 2))],
    [sub(mi("p"), mn(unit)), mo("="), frac(power(logits[unit]), mn(number(all, 2))), mo("="),
      mn(number(shares[unit], 3))]));
}
