// Units that are silenced at random; what is left gives another answer each time, right on average.

import { Bars } from "../bars.js";
import { Chart } from "../chart.js";
import { announce, button, el, fill, slider } from "../dom.js";
import { convolved, MAP } from "../kernels.js";
import { argmax, Network, OPTIMISERS, random, run, shuffled, softmax } from "../learn.js";
import { lesson } from "../lesson.js";
import { frac, lines, math, mi, mn, mo, over, row, sub, text } from "../mathml.js";
import { onDigit } from "../mine.js";
import { grouped, likely, number } from "../numbers.js";
import { Pixels } from "../paint.js";
import { panel } from "../pieces.js";
import { halved } from "../samples.js";

const UNITS = 32;
const DRAWS = 2000;
const BINS = 30;
const EDGES = [[-1, -1, -1, 0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0, -1, -1, -1], [-1, 0, 1, -1, 0, 1, -1, 0, 1],
  [1, 0, -1, 1, 0, -1, 1, 0, -1], [0, 1, 1, -1, 0, 1, -1, -1, 0], [0, -1, -1, 1, 0, -1, 1, 1, 0]];

export async function mount({ figure, formula }) {
  fill(figure, el("p", { class: "says", role: "status" }, "Training a network of 32 hidden units …"));
  const network = await taught();
  let part = 0.5;
  let seed = 5;
  let reading = false;
  let digit = null;

  const picture = new Pixels({ label: "Your digit", size: 112 });
  const bulbs = new Bulbs();
  const bars = new Bars("Probability of each digit, from the remaining units",
    Array.from({ length: 10 }, (_, k) => String(k)));
  const drawing = el("div");
  const chart = new Chart(drawing, "How far one logit is above the mean of all, in many draws");
  const single = EDGES.map((_, k) => new Pixels({ label: `Map ${k + 1}, single values silenced`, ...SHAPE }));
  const whole = EDGES.map((_, k) => new Pixels({ label: `Map ${k + 1}, whole or silenced`, ...SHAPE }));
  const likeliest = el("b");
  const says = el("p", { class: "says" });
  const modes = [["learning", false], ["reading", true]].map(([name, mode]) => {
    const made = button(name, () => { reading = mode; show(); announce(says.textContent); });
    return { made, mode };
  });
  const redraw = () => { seed += 1; show(); announce(says.textContent); };
  const again = button("Another draw", redraw, { class: "main" });

  function show() {
    if (!digit) return;
    const p = reading ? 0 : part;
    const given = network.forward(halved(digit))[1];
    const mask = drawn(UNITS, p, random(seed));
    const kept = given.map((value, i) => value * mask[i]);
    const logits = last(network, kept);
    const found = lead(network, given, part, mask);
    const shares = softmax(logits);
    modes.forEach(({ made, mode }) => made.setAttribute("aria-pressed", String(mode === reading)));
    again.disabled = reading;
    picture.show(digit);
    likeliest.textContent = found.answer;
    bulbs.show(kept, mask);
    bars.show(shares);
    showMaps(p);
    chart.show(...spread(found, part));
    says.textContent = sentence(mask, p, shares, reading);
    fill(formula, sums(given, mask, p, found));
  }

  function showMaps(p) {
    const maps = EDGES.map((kernel) => convolved(digit, kernel).map((value) => Math.max(0, value)));
    const most = Math.max(...maps.flat()) / Math.max(0.5, 1 - p);
    const holes = random(1000 + seed);
    maps.forEach((map, k) => {
      const mask = drawn(map.length, p, holes);
      single[k].show(map.map((value, at) => value * mask[at]), most);
    });
    const channels = drawn(maps.length, p, random(2000 + seed));
    maps.forEach((map, k) => {
      whole[k].show(map.map((value) => value * channels[k]), most);
      whole[k].element.classList.toggle("silenced", channels[k] === 0);
    });
  }

  const strip = (maps) => el("div", { class: "dropout-maps" }, maps.map(({ element }) => element));
  fill(figure,
    el("div", { class: "controls" },
      el("div", { class: "row", role: "group", "aria-label": "Mode" },
        modes.map(({ made }) => made)),
      again,
      slider({ label: "Dropout p", min: 0, max: 0.9, step: 0.05, value: part,
        show: (value) => value.toFixed(2), oninput: (value) => { part = value; show(); } })),
    el("div", { class: "stage" },
      panel("your digit", picture.element),
      panel("32 hidden units; ×: silenced", bulbs.element),
      el("div", { class: "panel dropout-bars" },
        el("span", {}, "prediction of the remaining units"), bars.element)),
    says,
    el("div", { class: "panel" },
      el("span", {}, "how far the logit of ", likeliest, " is above the mean of all, in ",
        `${grouped(DRAWS)} draws`),
      drawing),
    panel("six feature maps with Dropout: single values", strip(single)),
    panel("the same six with Dropout2d: whole maps", strip(whole)));
  await onDigit(({ pixels }) => { digit = pixels; show(); });
}

const SHAPE = { size: 96, rows: MAP, columns: MAP };

/** A network that has learned with half of its hidden units silenced. */
async function taught() {
  const network = new Network([196, UNITS, 10], { seed: 5, dropout: 0.5, optimiser: OPTIMISERS.adam() });
  const [count, size, epochs] = [600, 20, 10];
  const { inputs, labels } = await lesson(0, count);
  let [step, order] = [0, []];
  return new Promise((resolve) => {
    const learn = () => {
      if (!order.length) order = shuffled(count, random(step));
      const rows = order.splice(0, size);
      network.step(rows.map((k) => inputs[k]), rows.map((k) => labels[k]), 0.01);
      step += 1;
      return step < (epochs * count) / size;
    };
    run(learn, () => { if (step === (epochs * count) / size) resolve(network); });
  });
}

/** What each of `count` values is multiplied by: 0, or 1 / (1 - p). */
const drawn = (count, p, draw) =>
  Float32Array.from({ length: count }, () => (draw() < p ? 0 : 1 / (1 - p)));

/** The logits that hidden values lead to. */
function last(network, hidden) {
  const { inputs, outputs, weight, bias } = network.layers[1];
  return Array.from({ length: outputs }, (_, o) => {
    let total = bias[o];
    for (let i = 0; i < inputs; i += 1) total += weight[o * inputs + i] * hidden[i];
    return total;
  });
}

/**
 * How far the likeliest digit's logit is above the mean of all ten: with all units, with `mask`, and
 * in many draws. The difference is a bias and a sum over the units.
 */
function lead(network, given, p, mask) {
  const { weight, bias } = network.layers[1];
  const all = last(network, given);
  const answer = argmax(all);
  const above = (values) => values[answer] - mean(values);
  const own = above([...bias]);
  const terms = Array.from(given, (value, i) =>
    value * above(Array.from(bias, (_, o) => weight[o * UNITS + i])));
  const under = (factors) => terms.reduce((total, term, i) => total + term * factors[i], own);
  const draw = random(77);
  const many = Array.from({ length: DRAWS }, () => under(drawn(UNITS, p, draw)));
  return { answer, bias: own, all: above(all), now: under(mask), many };
}

const mean = (values) => values.reduce((total, value) => total + value, 0) / values.length;

/** Hidden units as discs, the larger the more they say; silenced ones are crossed out. */
class Bulbs {
  constructor() {
    this.units = Array.from({ length: UNITS }, (_, i) => {
      const [x, y] = [16 + 32 * (i % 8), 16 + 32 * Math.floor(i / 8)];
      const ring = el("circle", { cx: x, cy: y, r: 13, class: "ring" });
      const disc = el("circle", { cx: x, cy: y, r: 0, class: "disc" });
      const cross = el("path", { d: `M${x - 7} ${y - 7}l14 14m0 -14l-14 14`, class: "cross" });
      return { group: el("g", {}, ring, disc, cross), disc };
    });
    this.element = el("svg", { viewBox: "0 0 256 128", class: "dropout-units", role: "img" },
      this.units.map(({ group }) => group));
  }

  show(values, mask) {
    const most = Math.max(1e-9, ...values);
    this.units.forEach(({ group, disc }, i) => {
      group.classList.toggle("silenced", mask[i] === 0);
      disc.setAttribute("r", 12.5 * Math.sqrt(values[i] / most));
    });
    const silent = mask.filter((factor) => factor === 0).length;
    this.element.setAttribute("aria-label", `${silent} of ${UNITS} units are silenced.`);
  }
}

function sentence(mask, p, shares, reading) {
  const best = argmax(shares);
  const read = `Prediction: ${best} (${likely(shares[best])}).`;
  if (reading) return `All ${UNITS} units are active, and none is scaled. ${read} It is the same each time.`;
  const silent = mask.filter((value) => value === 0).length;
  const times = (1 / (1 - p)).toFixed(2);
  return `${silent} of ${UNITS} units are silenced, and the outputs of the others are multiplied by ${times}. ${read}`;
}

function sums(given, mask, p, { answer, now, many, all }) {
  const hidden = (i) => sub(over("h", "~"), mn(i + 1));
  const loud = [...given.keys()].filter((i) => given[i] > 0);
  const one = (i) => (mask[i]
    ? [hidden(i), mo("="), frac(mn(1), row(mn(1), mo("−"), mn(number(p, 2)))), mo("·"),
      mn(number(given[i], 2)), mo("="), mn(number(given[i] * mask[i], 2))]
    : [hidden(i), mo("="), mn(0), mo("·"), mn(number(given[i], 2)), mo("="), mn(0)]);
  const shown = [loud.find((i) => mask[i]), loud.find((i) => !mask[i])].filter((i) => i !== undefined);
  const above = (value, words) => [sub(mi("z"), mn(answer)), mo("−"), over("z", "¯"),
    mo("="), mn(number(value, 2)), text(`\u2002${words}`)];
  return math(lines(...shown.map(one), above(now, p ? "in this draw" : "now"),
    above(mean(many), "on average"), above(all, "with all units active")));
}

/** Traces and layout of the histogram. */
function spread({ many, all, bias }, p) {
  const [low, high] = [Math.min(-1, ...many), Math.max(1, ...many) + 1e-6];
  const width = (high - low) / BINS;
  const counts = Array(BINS).fill(0);
  many.forEach((value) => { counts[Math.floor((value - low) / width)] += 1; });
  const tall = 1.1 * Math.max(...counts);
  const upright = (name, x, color, dash) => ({ x: [x, x], y: [0, tall], mode: "lines", hoverinfo: "name",
    name: `${name}: ${number(x, 2)}`, line: { color, dash, width: 3 } });
  const plain = bias + (1 - p) * (mean(many) - bias); // the factor stands before all but the bias
  return [[
    { type: "bar", x: counts.map((_, b) => low + (b + 0.5) * width), y: counts, width,
      showlegend: false, marker: { color: "train", opacity: 0.45 },
      hovertemplate: "%{y} draws<extra></extra>" },
    upright("all units active", all, "ink", "solid"),
    upright("mean of the draws", mean(many), "validation", "dash"),
    upright("mean without scaling", plain, "bad", "dot"),
  ], { margin: { t: 10 }, bargap: 0, showlegend: true, yaxis: { visible: false } }];
}
