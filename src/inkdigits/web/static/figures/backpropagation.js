// A very small network, forward and backward, a step at a time; and a weight that is nudged to check it.

import { Chart } from "../chart.js";
import { announce, button, choice, el, fill, slider } from "../dom.js";
import { softmax } from "../learn.js";
import { lines, math, mi, mn, mo, paren, row, sub, sup, tall, text } from "../mathml.js";
import { onDigit } from "../mine.js";
import { fixed, number } from "../numbers.js";
import { panel, scrolling } from "../pieces.js";

const FIRST = [[0.9, -0.4], [-0.5, 1.2], [0.3, -0.8]]; // to each hidden unit, from each input
const SECOND = [[0.8, -0.6, 0.5], [-0.7, 1.1, 0.4]]; // to each output, from each hidden unit
const RATE = 0.5;
const NUDGES = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001];
const WEIGHTS = [...FIRST.flatMap((to, j) => to.map((_, i) => ["w", j, i])),
  ...SECOND.flatMap((to, k) => to.map((_, j) => ["v", k, j]))];
const PLACES = {
  x: [[50, 125], [50, 305]], h: [[275, 65], [275, 215], [275, 365]], z: [[490, 125], [490, 305]],
  p: [[615, 125], [615, 305]], L: [[715, 215]],
};
const STEPS = [
  ["x", "the inputs", "Twice the share of your digit's ink in its upper half, and in its lower half."],
  ["h", "the hidden units", "Each sums its inputs, times their weights. ReLU sets negative sums to 0."],
  ["z", "the logits", "Each output does the same with the hidden units, without ReLU."],
  ["p", "the probabilities", "Softmax turns the two logits into probabilities."],
  ["L", "the loss", "It is small if the true class has a high probability. This ends the forward pass."],
  ["dz", "back to the logits", "The derivative with respect to a logit: the probability, minus 1 for the true class."],
  ["dv", "the weights of the outputs", "The derivative at the end of an edge, times the value at its start."],
  ["dh", "back to the hidden units", "The sum, over all edges, of the derivative at the end times the weight."],
  ["da", "back through ReLU", "Where ReLU gave 0, the derivative becomes 0; elsewhere it passes unchanged."],
  ["dw", "the weights of the hidden units", "Again: the derivative at the end of an edge, times the value at its start."],
  ["step", "the step", "Every weight moves against its gradient. Take the step, then start again."],
];
const ORDER = STEPS.map(([stage]) => stage);

/** Everything that the network computes: forward, and backward. */
export function computed({ w, v }, x, truth) {
  const a = w.map((to) => to.reduce((total, weight, i) => total + weight * x[i], 0));
  const h = a.map((value) => Math.max(0, value));
  const z = v.map((to) => to.reduce((total, weight, j) => total + weight * h[j], 0));
  const p = softmax(z);
  const dz = p.map((share, k) => share - (k === truth ? 1 : 0));
  const dv = v.map((to, k) => to.map((_, j) => dz[k] * h[j]));
  const dh = h.map((_, j) => v.reduce((total, to, k) => total + to[j] * dz[k], 0));
  const da = dh.map((value, j) => (a[j] > 0 ? value : 0));
  const dw = w.map((to, j) => to.map((_, i) => da[j] * x[i]));
  return { x, a, h, z, p, L: -Math.log(p[truth]), dz, dv, dh, da, dw };
}

export function mount({ figure, formula }) {
  let weights = fresh();
  let x = [1, 1];
  let truth = 0;
  let at = 4;
  let chosen = 0;
  let nudge = 2;

  const drawing = new Drawing();
  const scroller = scrolling("The network", "scroll", drawing.element);
  const back = button("Back", () => move(-1));
  const next = button("Next", () => move(1), { class: "main" });
  const title = el("b");
  const words = el("p", { class: "says" });
  const curve = el("div");
  const varied = el("b");
  const chart = new Chart(curve, "The loss as a function of one weight, with its tangent");
  const check = scrolling("Gradient check", "scroll");

  function move(by) {
    at = Math.min(STEPS.length - 1, Math.max(0, at + by));
    show();
    announce(`${title.textContent}. ${words.textContent}`);
    // On a phone only a part is in view: the one that the step is about.
    const centre = { dv: 380, dw: 160, step: 160, da: 275 }[ORDER[at]] ?? PLACES[ORDER[at].at(-1)][0][0];
    scroller.scrollLeft = (centre / 760) * scroller.scrollWidth - scroller.clientWidth / 2;
  }

  function step() {
    const { dw, dv } = computed(weights, x, truth);
    weights = moved(weights, dw, dv);
    show();
    announce(`The loss is now ${number(computed(weights, x, truth).L, 3)}.`);
  }

  function show() {
    const found = computed(weights, x, truth);
    const [stage, name, said] = STEPS[at];
    [back.disabled, next.disabled] = [at === 0, at === STEPS.length - 1];
    title.textContent = `Step ${at + 1} of ${STEPS.length}: ${name}`;
    words.textContent = said;
    drawing.show(found, weights, stage, truth, WEIGHTS[chosen]);
    fill(formula, math(lines(...SUMS[stage](found, weights, truth))));
    showCheck(found);
  }

  function showCheck(found) {
    const [layer, to, from] = WEIGHTS[chosen];
    const weight = weights[layer][to][from];
    const gradient = found[`d${layer}`][to][from];
    const loss = (value) => {
      const other = structuredClone(weights);
      other[layer][to][from] = value;
      return computed(other, x, truth).L;
    };
    const size = NUDGES[nudge];
    const nudged = loss(weight + size);
    const slope = (nudged - found.L) / size;
    fill(check, math(lines(
      [tall(difference(layer, to, from, size), mn(String(size))), mo("="),
        tall(row(mn(fixed(nudged, 5)), mo("−"), mn(fixed(found.L, 5))), mn(String(size)))],
      [mo("="), mn(fixed(slope, 4)), text("\u2002by nudging,")],
      [slopeOf(layer, to, from), mo("="), mn(fixed(gradient, 4)), text("\u2002by backpropagation")])));
    varied.textContent = `${layer}${to + 1}${from + 1}`;
    chart.show(...curves(loss, weight, found.L, gradient, [weight + size, nudged]));
  }

  formula.style.minHeight = "8.5rem"; // so that the figure stays where it is
  fill(figure,
    el("div", { class: "controls" }, back, next, title),
    words,
    scroller,
    el("div", { class: "controls" },
      button("Take the step", step),
      button("Reset weights", () => { weights = fresh(); show(); }),
      choice({ label: "True class", value: "0", options: [["0", "class 1"], ["1", "class 2"]],
        onchange: (value) => { truth = Number(value); show(); } })),
    el("h3", {}, "Gradient check: nudge a weight"),
    el("div", { class: "controls" },
      choice({ label: "Weight", value: "0", options: WEIGHTS.map(wordsOf),
        onchange: (value) => { chosen = Number(value); show(); } }),
      slider({ label: "Nudged by", min: 0, max: NUDGES.length - 1, value: nudge,
        show: (k) => String(NUDGES[k]), oninput: (k) => { nudge = k; show(); } })),
    check,
    panel(el("span", {}, "loss as a function of ", varied), curve));
  return onDigit(({ pixels }) => { x = halves(pixels); show(); });
}

const fresh = () => ({ w: structuredClone(FIRST), v: structuredClone(SECOND) });

const wordsOf = ([layer, to, from], k) => {
  const [start, end] = layer === "w" ? ["x", "h"] : ["h", "z"];
  return [String(k), `${layer}${to + 1}${from + 1}: ${start}${from + 1} to ${end}${to + 1}`];
};

/** Twice the share of ink in the upper half, and in the lower. */
function halves(pixels) {
  const upper = pixels.slice(0, 392).reduce((a, b) => a + b, 0);
  const all = upper + pixels.slice(392).reduce((a, b) => a + b, 0);
  const share = all > 0 ? upper / all : 0.5;
  return [2 * share, 2 - 2 * share];
}

const moved = ({ w, v }, dw, dv) => ({
  w: w.map((to, j) => to.map((weight, i) => weight - RATE * dw[j][i])),
  v: v.map((to, k) => to.map((weight, j) => weight - RATE * dv[k][j])),
});

/** The network as a drawing, with the numbers that are known at a stage. */
class Drawing {
  constructor() {
    this.edges = new Map();
    this.nodes = new Map();
    const link = (layer, from, to, j, i) => {
      const [[x1, y1], [x2, y2]] = [PLACES[from][i], PLACES[to][j]];
      const along = from === "x" ? 0.27 : 0.33;
      const [x, y] = [x1 + along * (x2 - x1), y1 + along * (y2 - y1)];
      const line = el("line", { x1, y1, x2, y2 });
      const weight = el("text", { x, y });
      const gradient = el("text", { x, y: y + 17, class: "gradient" });
      this.edges.set(`${layer}${j}${i}`, { line, weight, gradient });
      return { line, words: el("g", {}, weight, gradient) };
    };
    const links = WEIGHTS.map(([layer, to, from]) =>
      (layer === "w" ? link("w", "x", "h", to, from) : link("v", "h", "z", to, from)));
    const plain = [["z", "p"], ["p", "L"]].flatMap(([from, to]) => PLACES[from].flatMap(([x1, y1]) =>
      PLACES[to].map(([x2, y2]) => el("line", { x1, y1, x2, y2, class: "plain" }))));
    const shapes = Object.entries(PLACES).flatMap(([layer, places]) =>
      places.map(([x, y], k) => this.node(layer, k, x, y)));
    this.element = el("svg", { viewBox: "0 0 760 430", class: "backprop", role: "img" },
      plain, links.map(({ line }) => line), shapes, links.map(({ words }) => words));
  }

  node(layer, k, x, y) {
    const disc = el("circle", { cx: x, cy: y, r: 25 });
    const value = el("text", { x, y: y + 5, class: "value" });
    const name = el("text", { x, y: y - 32, class: "name" }, layer === "L" ? "L" : `${layer}${"₁₂₃"[k]}`);
    const gradient = el("text", { x, y: y + 43, class: "gradient" });
    this.nodes.set(`${layer}${k}`, { disc, value, gradient, name });
    return el("g", {}, disc, value, name, gradient);
  }

  show(found, weights, stage, truth, chosen) {
    const reached = (what) => ORDER.indexOf(stage) >= ORDER.indexOf(what);
    for (const layer of ["x", "h", "z", "p", "L"]) {
      [found[layer]].flat().forEach((value, k) => {
        const node = this.nodes.get(`${layer}${k}`);
        node.value.textContent = reached(layer) ? fixed(value, 2) : "";
        node.disc.setAttribute("class", stage === layer ? "now" : reached(layer) ? "known" : "");
        node.gradient.textContent = "";
      });
    }
    found.p.forEach((_, k) => {
      this.nodes.get(`p${k}`).gradient.textContent = k === truth ? "true class" : "";
      this.nodes.get(`p${k}`).gradient.setAttribute("class", "name");
    });
    this.back("z", found.dz, reached("dz"), stage === "dz");
    this.back("h", reached("da") ? found.da : found.dh, reached("dh"), stage === "dh" || stage === "da");
    for (const [layer, to, from] of WEIGHTS) {
      const { line, weight, gradient } = this.edges.get(`${layer}${to}${from}`);
      const known = reached(`d${layer}`);
      weight.textContent = fixed(weights[layer][to][from], 2);
      gradient.textContent = known ? `∂ ${fixed(found[`d${layer}`][to][from], 2)}` : "";
      const now = { w: ["h", "dw"], v: ["z", "dh", "dv"] }[layer].includes(stage);
      const mine = chosen[0] === layer && chosen[1] === to && chosen[2] === from;
      line.setAttribute("class", `${now ? "now" : ""} ${now && stage.startsWith("d") ? "backward" : ""}`);
      weight.setAttribute("class", mine ? "chosen" : "");
    }
    const inputs = found.x.map((value) => fixed(value, 2)).join(" and ");
    this.element.setAttribute("aria-label", `The network: x is ${inputs}, the loss ${fixed(found.L, 3)}.`);
  }

  back(layer, values, known, now) {
    values.forEach((value, k) => {
      const { gradient, disc } = this.nodes.get(`${layer}${k}`);
      gradient.textContent = known ? `∂ ${fixed(value, 2)}` : "";
      if (now) disc.setAttribute("class", "now backward");
    });
  }
}

const signed = (value) => (value < 0 ? paren(mn(fixed(value, 2))) : mn(fixed(value, 2)));
const indexed = (name, ...at) => sub(mi(name), row(...at.map((k) => mn(k + 1))));
const slopeOf = (name, ...at) => tall(row(mo("∂"), mi("L")), row(mo("∂"), indexed(name, ...at)));
const difference = (layer, to, from, size) => row(
  mi("L"), paren(indexed(layer, to, from), mo("+"), mn(String(size))),
  mo("−"), mi("L"), paren(indexed(layer, to, from)));
const equals = (value, places = 2) => [mo("="), mn(fixed(value, places))];
const products = (pairs) => pairs.flatMap(([one, other], n) =>
  [n ? mo("+") : null, signed(one), mo("·"), signed(other)].filter(Boolean));

/** What stands in the formula at each stage, a line an array. */
const SUMS = {
  x: ({ x }) => x.map((value, i) => [indexed("x", i), ...equals(value)]),
  h: ({ x, h }, { w }) => h.map((value, j) => [indexed("h", j), mo("="), mi("max"), mo("("), mn(0), mo(","),
    ...products(w[j].map((weight, i) => [weight, x[i]])), mo(")"), ...equals(value)]),
  z: ({ h, z }, { v }) => z.map((value, k) => [indexed("z", k), mo("="),
    ...products(v[k].map((weight, j) => [weight, h[j]])), ...equals(value)]),
  p: ({ z, p }) => p.map((value, k) => {
    const power = (logit) => sup(mi("e"), mn(fixed(logit, 2)));
    return [indexed("p", k), mo("="), tall(power(z[k]), row(power(z[0]), mo("+"), power(z[1]))),
      ...equals(value, 3)];
  }),
  L: ({ p, L }, _, truth) => [[mi("L"), mo("="), mo("−"), mi("ln"), paren(indexed("p", truth)), mo("="),
    mo("−"), mi("ln"), paren(mn(fixed(p[truth], 3))), ...equals(L, 3)]],
  dz: ({ p, dz }, _, truth) => dz.map((value, k) => [slopeOf("z", k), mo("="), indexed("p", k), mo("−"),
    indexed("y", k), mo("="), mn(fixed(p[k], 2)), mo("−"), mn(k === truth ? 1 : 0), ...equals(value)]),
  dv: ({ dz, h, dv }) => dv[0].map((value, j) => [slopeOf("v", 0, j), mo("="), slopeOf("z", 0),
    indexed("h", j), mo("="), signed(dz[0]), mo("·"), signed(h[j]), ...equals(value)]),
  dh: ({ dz, dh }, { v }) => dh.map((value, j) => [slopeOf("h", j), mo("="),
    ...products(v.map((to, k) => [to[j], dz[k]])), ...equals(value)]),
  da: ({ a, dh, da }) => da.map((value, j) => [slopeOf("a", j), mo("="), mn(a[j] > 0 ? 1 : 0), mo("·"),
    signed(dh[j]), ...equals(value), text(a[j] > 0 ? "\u2002(passed)" : "\u2002(blocked)")]),
  dw: ({ x, da, dw }) => dw.map((value, j) => [slopeOf("w", j, 0), mo("="), slopeOf("a", j), indexed("x", 0),
    mo("="), signed(da[j]), mo("·"), signed(x[0]), ...equals(value[0])]),
  step: ({ dw, dv, x, L }, weights, truth) => {
    const after = moved(weights, dw, dv);
    return [
      [indexed("w", 0, 0), mo("←"), mn(fixed(weights.w[0][0], 2)), mo("−"), mn(String(RATE)), mo("·"),
        signed(dw[0][0]), ...equals(after.w[0][0]), text("\u2002and so on")],
      [mi("L"), ...equals(L, 3), text("\u2002before,\u2002"), mn(fixed(computed(after, x, truth).L, 3)),
        text("\u2002after")],
    ];
  },
};

/** The loss over one weight, the tangent that the gradient says, and the nudge. */
function curves(loss, weight, here, gradient, [nudged, there]) {
  const xs = Array.from({ length: 121 }, (_, k) => weight - 1.5 + k / 40);
  return [[
    { x: xs, y: xs.map(loss), mode: "lines", name: "loss", line: { color: "train", width: 2.5 },
      hoverinfo: "skip" },
    { x: [weight - 0.8, weight + 0.8], y: [here - 0.8 * gradient, here + 0.8 * gradient], mode: "lines",
      name: "tangent: the gradient", line: { color: "bad", dash: "dash", width: 2 }, hoverinfo: "skip" },
    { x: [weight, nudged], y: [here, there], mode: "lines+markers", name: "nudged",
      marker: { size: 9, color: "ink" }, line: { color: "ink", width: 2 },
      hovertemplate: "%{y:.4f}<extra></extra>" },
  ], { margin: { t: 10 }, showlegend: true }];
}
