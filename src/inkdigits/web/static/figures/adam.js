// Three optimisers go down the same valley side by side; Adam's step is shown with its numbers.

import { Chart } from "../chart.js";
import { announce, button, choice, el, fill, slider } from "../dom.js";
import { OPTIMISERS } from "../learn.js";
import { lines, math, mi, mn, mo, over, paren, row, sqrt, sub, sup, tall } from "../mathml.js";
import { number, twoFigures } from "../numbers.js";
import { panel } from "../pieces.js";

const STEPS = 60;
const [WIDE, TALL] = [5, 3]; // of what is shown, from the middle
const [FIRST, SECOND] = [0.9, 0.999]; // Adam's usual decays
const LEVELS = [0.02, 0.1, 0.4, 1.2, 3, 6.5, 13, 26, 50, 90, 160, 270];
const KINDS = [
  { kind: "sgd", name: "SGD", rate: 0.02, low: 0.001, high: 0.2, line: ["train", "solid"] },
  { kind: "momentum", name: "SGD with momentum", rate: 0.01, low: 0.001, high: 0.2,
    line: ["validation", "dash"] },
  { kind: "adam", name: "Adam", rate: 0.25, low: 0.01, high: 1, line: ["good", "dot"] },
];
const TICKS = [100, 1, 0.01, 0.0001];

export function mount({ figure, formula }) {
  const valley = { steep: 50, turned: 0 };
  let start = [-4, 1.6];
  let at = 12;
  let weight = 0;
  let stop = null;

  const maps = KINDS.map((one) => new Valley(one, (place) => { start = place; draw(); }, () => start));
  const rates = KINDS.map(({ rate }) => rate);
  const drawing = el("div");
  const chart = new Chart(drawing, "Loss of the three optimisers by step");
  const says = el("p", { class: "says" });
  let walks = [];

  const stepping = slider({ label: "Step", min: 1, max: STEPS, value: at,
    oninput: (value) => { halt(); go(value); } });
  const playing = button("Play", () => (stop ? halt() : play()), { class: "main" });

  function draw() {
    walks = KINDS.map(({ kind }, k) => walk(OPTIMISERS[kind](), rates[k], valley, start));
    go(at);
    chart.show(walks.map(({ losses }, k) => curve(KINDS[k], losses)), {
      margin: { t: 10 }, showlegend: true,
      yaxis: { type: "log", range: [-5, 2.5], tickvals: TICKS, ticktext: TICKS.map(String) },
    });
  }

  function go(step) {
    at = step;
    maps.forEach((map, k) => map.show(walks[k], valley, at));
    const adam = walks[2];
    const sizes = [0, 1].map((i) => adam.places[at][i] - adam.places[at - 1][i]);
    says.textContent = `Adam, step ${at}: gradients ${pair(adam.gradients[at - 1])}; `
      + `the weights move by ${pair(sizes)}.`;
    fill(formula, math(lines(...sums(adam, at, weight, rates[2]))));
  }

  function play() {
    const began = performance.now();
    let frame = 0;
    playing.textContent = "Stop";
    stop = () => cancelAnimationFrame(frame);
    const next = (now) => {
      const step = Math.min(STEPS, 1 + Math.max(0, Math.floor((now - began) / 70)));
      go(step);
      stepping.put(step);
      if (step < STEPS) frame = requestAnimationFrame(next);
      else { halt(); announce(`After ${STEPS} steps: ${walks.map(outcome).join("; ")}.`); }
    };
    frame = requestAnimationFrame(next);
  }

  function halt() {
    stop?.();
    stop = null;
    playing.textContent = "Play";
  }

  const outcome = ({ losses }, k) => `${KINDS[k].name} has a loss of ${number(losses.at(-1), 3)}`;
  const rateOf = ({ low, high }, k) => slider({ label: "Rate", min: 0, max: 100,
    value: (100 * Math.log(rates[k] / low)) / Math.log(high / low),
    show: (part) => twoFigures(low * (high / low) ** (part / 100)),
    oninput: (part) => { rates[k] = low * (high / low) ** (part / 100); draw(); } });

  fill(figure,
    el("div", { class: "controls" },
      slider({ label: "Steepness ratio", min: 1, max: 100, value: valley.steep,
        show: (value) => `${value}×`, oninput: (value) => { valley.steep = value; draw(); } }),
      slider({ label: "Rotated by", min: 0, max: 45, value: valley.turned,
        show: (value) => `${value}°`, oninput: (value) => { valley.turned = value; draw(); } })),
    el("div", { class: "valleys" }, KINDS.map((one, k) =>
      el("div", { class: "panel" },
        el("span", {}, one.name), maps[k].element, rateOf(one, k), maps[k].caption))),
    el("div", { class: "controls" }, playing, stepping,
      choice({ label: "Formula for", value: "0",
        options: [["0", "weight 1 (horizontal)"], ["1", "weight 2 (vertical)"]],
        onchange: (value) => { weight = Number(value); go(at); } })),
    says,
    panel("loss by step", drawing));
  draw();
}

/** The loss at a place, and its gradient: a bowl that is `steep` times as steep across as along. */
function slope({ steep, turned }, [x, y]) {
  const [c, s] = [Math.cos((turned * Math.PI) / 180), Math.sin((turned * Math.PI) / 180)];
  const [along, across] = [c * x + s * y, c * y - s * x];
  return {
    loss: (along ** 2 + steep * across ** 2) / 2,
    gradient: [c * along - s * steep * across, s * along + c * steep * across],
  };
}

/** Where an optimiser goes from `start`: the places, their losses, and the gradients there. */
function walk(optimiser, rate, valley, start) {
  const place = Float64Array.from(start);
  const found = { places: [], losses: [], gradients: [] };
  for (let step = 0; step <= STEPS; step += 1) {
    const { loss, gradient } = slope(valley, place);
    found.places.push([...place]);
    found.losses.push(loss);
    found.gradients.push(gradient);
    if (loss < 1e12) optimiser(place, gradient, rate);
  }
  return found;
}

const MOVES = { ArrowUp: [0, 0.2], ArrowDown: [0, -0.2], ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0] };

/** The valley from above, with one optimiser's way. Pointing, or the arrow keys, set the start. */
class Valley {
  constructor({ name }, onstart, startOf) {
    this.rings = LEVELS.map(() => el("ellipse", { class: "ring" }));
    this.hill = el("g", {}, this.rings);
    this.rest = el("polyline", { class: "rest" });
    this.way = el("polyline", { class: "way" });
    this.dots = el("g", {});
    this.now = el("circle", { r: 0.17, class: "now" });
    const least = el("path", { d: "M-0.15 0h0.3M0 -0.15v0.3", class: "least" });
    this.element = el("svg", { class: "valley", role: "img", tabindex: 0,
      viewBox: `${-WIDE} ${-TALL} ${2 * WIDE} ${2 * TALL}` },
    this.hill, least, this.rest, this.way, this.dots, this.now);
    this.name = name;
    this.caption = el("span", { class: "number" });
    this.listen((x, y) => onstart([bounded(x, WIDE), bounded(y, TALL)]), startOf);
  }

  listen(within, startOf) {
    this.element.addEventListener("pointerdown", (event) => {
      const box = this.element.getBoundingClientRect();
      within(((event.clientX - box.left) / box.width - 0.5) * 2 * WIDE,
        (0.5 - (event.clientY - box.top) / box.height) * 2 * TALL);
    });
    this.element.addEventListener("keydown", (event) => {
      const move = MOVES[event.key];
      if (!move) return;
      event.preventDefault();
      within(startOf()[0] + move[0], startOf()[1] + move[1]);
    });
  }

  show({ places, losses }, { steep, turned }, at) {
    this.rings.forEach((ring, k) => {
      ring.setAttribute("rx", Math.sqrt(2 * LEVELS[k]));
      ring.setAttribute("ry", Math.sqrt((2 * LEVELS[k]) / steep));
    });
    this.hill.setAttribute("transform", `rotate(${-turned})`);
    const shown = places.map(([x, y]) => [bounded(x, 1000), bounded(-y, 1000)]); // up is up
    this.way.setAttribute("points", shown.slice(0, at + 1).join(" "));
    this.rest.setAttribute("points", shown.slice(at).join(" "));
    fill(this.dots, shown.slice(0, at).map(([cx, cy]) => el("circle", { cx, cy, r: 0.07 })));
    this.now.setAttribute("cx", shown[at][0]);
    this.now.setAttribute("cy", shown[at][1]);
    const away = losses[at] > 2 * losses[0] && losses[at] > 1;
    this.caption.textContent = away ? `step ${at}: diverged` : `step ${at}: loss ${number(losses[at], 3)}`;
    this.element.setAttribute("aria-label", `${this.name} on a contour plot of the loss. `
      + `${this.caption.textContent}. Click, or use the arrow keys, to move the start.`);
  }
}

const bounded = (value, most) => Math.max(-most, Math.min(most, value));
const pair = ([one, other]) => `${number(one, 2)} and ${number(other, 2)}`;

function curve({ name, line: [color, dash] }, losses) {
  return {
    x: losses.map((_, k) => k), y: losses.map((loss) => (loss < 1e6 ? loss : null)), name, mode: "lines",
    line: { color, dash, width: 2.5 }, hovertemplate: "%{y:.3g}",
  };
}

/** Adam's two running means of one weight's gradients, and the same made up for their start at 0. */
function means(seen) {
  const running = (values, decay) => values.reduce((mean, value) => decay * mean + (1 - decay) * value, 0);
  const [m, v] = [running(seen, FIRST), running(seen.map((value) => value ** 2), SECOND)];
  return { m, v, whole: [m / (1 - FIRST ** seen.length), v / (1 - SECOND ** seen.length)] };
}

/** Adam's step number `at`, for one weight. */
function sums({ places, gradients }, at, i, rate) {
  const seen = gradients.slice(0, at).map((gradient) => gradient[i]);
  const [before, now] = [means(seen.slice(0, -1)), means(seen)];
  const hat = (name) => sub(over(name, "^"), mn(at));
  const n = (value) => mn(number(value, 3));
  const signed = (value) => (value < 0 ? paren(n(value)) : n(value));
  const less = (decay) => row(mn(1), mo("−"), sup(mn(String(decay)), mn(at)));
  return [
    [sub(mi("m"), mn(at)), mo("="), mn("0.9"), mo("·"), signed(before.m), mo("+"), mn("0.1"), mo("·"),
      signed(seen.at(-1)), mo("="), n(now.m)],
    [sub(mi("v"), mn(at)), mo("="), mn("0.999"), mo("·"), n(before.v), mo("+"), mn("0.001"), mo("·"),
      sup(signed(seen.at(-1)), mn(2)), mo("="), n(now.v)],
    [hat("m"), mo("="), tall(n(now.m), less(FIRST)), mo("="), n(now.whole[0])],
    [hat("v"), mo("="), tall(n(now.v), less(SECOND)), mo("="), n(now.whole[1])],
    [sub(mi("w"), mn(i + 1)), mo("←"), signed(places[at - 1][i]), mo("−"), mn(twoFigures(rate)), mo("·"),
      tall(n(now.whole[0]), row(sqrt(n(now.whole[1])), mo("+"), mi("ε"))), mo("="), n(places[at][i])],
  ];
}
