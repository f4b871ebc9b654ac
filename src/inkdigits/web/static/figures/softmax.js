// Ten logits of the reader's digit: what softmax makes of them, the loss, and its slopes.

import { announce, button, choice, el, fill, find, slider } from "../dom.js";
import { argmax, Network, OPTIMISERS, softmax } from "../learn.js";
import { lesson, steps, watched } from "../lesson.js";
import { fence, frac, lines, math, mi, mn, mo, row, space, sub, sum, sup } from "../mathml.js";
import { onDigit } from "../mine.js";
import { fixed, grouped, number } from "../numbers.js";
import { Pixels } from "../paint.js";
import { panel } from "../pieces.js";
import { halved } from "../samples.js";

const CLASSES = [...Array(10).keys()];
const FARTHEST = 12; // of a logit from 0, on its slider
const STEPS = 600;
const MARGIN = { left: 46, top: 12, right: 12, bottom: 42 };
const [WIDE, TALL, MOST] = [300, 210, 6]; // of the curve: pixels, and the greatest loss it shows

export async function mount({ figure, formula }) {
  let logits = Array(10).fill(0);
  let temperature = 1;
  let truth = 7;
  let named = false; // whether the reader has named it
  let digit = null;
  let touched = false; // by the reader: then the network's logits no longer move the sliders

  const network = new Network([196, 32, 10], { seed: 4, optimiser: OPTIMISERS.adam() });
  const picture = new Pixels({ label: "Your digit", size: 112 });
  const rows = CLASSES.map((k) => new Row(k, (value) => { touched = true; logits[k] = value; draw(); }));
  const curve = new Curve();
  const says = el("p", { class: "says" });
  const warmth = slider({ label: "Temperature", min: 0.25, max: 4, step: 0.05, value: 1,
    show: (value) => value.toFixed(2), oninput: (value) => { temperature = value; draw(); } });
  const naming = choice({ label: "True digit", value: String(truth),
    options: CLASSES.map((k) => [String(k), String(k)]),
    onchange: (value) => { [truth, named] = [Number(value), true]; draw(); tell(); } });
  const back = button("The network's logits", () => { touched = false; read(); tell(); });
  const step = button("Step against the slope", () => {
    const slopes = found().slopes;
    touched = true;
    logits = logits.map((z, k) => Math.max(-FARTHEST, Math.min(FARTHEST, z - slopes[k])));
    draw();
    tell();
  });

  function found() {
    const shares = softmax(logits, temperature);
    return {
      shares,
      loss: -Math.log(Math.max(shares[truth], 1e-12)),
      slopes: shares.map((p, k) => (p - Number(k === truth)) / temperature),
    };
  }

  function read() {
    logits = Array.from(network.forward(halved(digit.pixels)).at(-1));
    // Of a digit that the reader drew, the network's answer is the first guess at the truth.
    if (!named) truth = digit.drawn ? argmax(logits) : 7;
    find("select", naming).value = truth;
    draw();
  }

  function draw() {
    const { shares, loss, slopes } = found();
    rows.forEach((one, k) => one.show(logits[k], shares[k], slopes[k], k === truth));
    curve.show(shares[truth], loss);
    fill(says, `Loss ${short(loss, 3)}. Raise the logit of ${truth} by 0.01, and the loss changes by `,
      short(nudged() - loss, 5), `: that is its slope, ${short(slopes[truth], 3)}, times 0.01.`);
    fill(formula, worked(logits, temperature, truth, shares, loss, slopes));
  }

  /** The loss with the logit of the truth a little higher. */
  function nudged() {
    const other = logits.map((z, k) => (z + (k === truth ? 0.01 : 0)) / temperature);
    return -Math.log(Math.max(softmax(other)[truth], 1e-12));
  }

  const tell = () => announce(says.textContent);
  const progress = el("p", { class: "says soft" }, "Training a small network …");
  fill(figure,
    el("div", { class: "controls" }, naming, warmth),
    el("div", { class: "controls" }, step, back),
    el("div", { class: "softmax" },
      el("div", {},
        el("div", { class: "softmax-row head", "aria-hidden": "true" },
          ["", "logit z", "", "p", "slope"].map((title) => el("span", {}, title))),
        rows.map((one) => one.element)),
      el("div", { class: "stage" },
        panel("your digit", picture.element),
        panel("loss by the probability of the true digit",
          curve.element))),
    says, progress);

  const digits = await lesson(0, 1200);
  const learn = steps(network, digits, { batch: 20, rate: 0.008 });
  let done = 0;
  await onDigit((given) => {
    digit = given;
    picture.show(digit.pixels);
    [touched, named] = [false, false];
    read();
  });
  watched(() => { learn(); done += 1; return done < STEPS; }, (over) => {
    if (digit && !touched) read();
    progress.textContent = over
      ? `The logits are those of a network of 32 hidden units, trained on `
        + `${grouped(digits.labels.length)} digits since this page was opened. Move them; where its prediction `
        + "is wrong, set the true digit."
      : `Training a small network: step ${done} of ${STEPS}.`;
  });
}

/** One class: its logit on a slider, its probability and its slope as numbers over bars. */
class Row {
  constructor(k, onlogit) {
    this.name = el("b", { class: "number" }, String(k));
    this.input = el("input", { type: "range", min: -FARTHEST, max: FARTHEST, step: 0.1, value: 0,
      "aria-label": `logit of ${k}`, oninput: () => onlogit(Number(this.input.value)) });
    [this.logit, this.share, this.slope] = [0, 1, 2].map(() => el("span", {}));
    [this.bar, this.push] = ["bar", "push"].map((kind) => el("i", { class: kind }));
    this.element = el("div", { class: "softmax-row", role: "group", "aria-label": `class ${k}` },
      this.name, this.input, this.logit,
      el("div", { class: "cell" }, this.share, el("div", { class: "rail" }, this.bar)),
      el("div", { class: "cell" }, this.slope, el("div", { class: "rail both" }, this.push)));
  }

  show(logit, share, slope, true_) {
    this.input.value = logit;
    this.logit.textContent = fixed(logit, 1);
    this.share.textContent = share >= 0.0005 ? `${(100 * share).toFixed(1)}%` : "<0.05%";
    this.slope.textContent = fixed(slope, 3);
    this.bar.style.width = `${100 * share}%`;
    const reach = 50 * Math.min(1, Math.abs(slope));
    Object.assign(this.push.style, { width: `${reach}%`, left: `${slope < 0 ? 50 - reach : 50}%` });
    this.push.classList.toggle("down", slope < 0);
    this.element.classList.toggle("truth", true_);
    this.element.setAttribute("aria-label", true_ ? `class ${this.name.textContent}, the true digit`
      : `class ${this.name.textContent}`);
  }
}

/** The curve of -ln p, and the point on it. */
class Curve {
  constructor() {
    const at = (p) => `${this.x(p).toFixed(1)},${this.y(-Math.log(p)).toFixed(1)}`;
    const curve = Array.from({ length: 200 }, (_, k) => at(Math.exp(-MOST * (1 - k / 199))));
    this.drop = el("line", { class: "drop" });
    this.point = el("circle", { r: 6, class: "point" });
    this.element = el("svg", { class: "curve", width: WIDE, height: TALL, viewBox: `0 0 ${WIDE} ${TALL}`,
      role: "img" },
      el("line", { class: "axis", x1: this.x(0), x2: this.x(1), y1: this.y(0), y2: this.y(0) }),
      el("line", { class: "axis", x1: this.x(0), x2: this.x(0), y1: this.y(0), y2: this.y(MOST) }),
      [0, 0.5, 1].map((p) => el("text", { x: this.x(p), y: this.y(0) + 18, "text-anchor": "middle" },
        String(p))),
      [0, 2, 4, 6].map((loss) => el("text", { x: this.x(0) - 8, y: this.y(loss) + 5, "text-anchor": "end" },
        String(loss))),
      el("text", { x: this.x(0.5), y: TALL - 4, "text-anchor": "middle" }, "p of the true digit"),
      el("polyline", { class: "line", points: curve.join(" ") }), this.drop, this.point);
  }

  x = (p) => MARGIN.left + p * (WIDE - MARGIN.left - MARGIN.right);
  y = (loss) => TALL - MARGIN.bottom - (Math.min(loss, MOST) / MOST) * (TALL - MARGIN.top - MARGIN.bottom);

  show(p, loss) {
    const [x, y] = [this.x(p), this.y(loss)];
    const drop = { x1: x, x2: x, y1: y, y2: this.y(0) };
    for (const [key, value] of Object.entries(drop)) this.drop.setAttribute(key, value);
    this.point.setAttribute("cx", x);
    this.point.setAttribute("cy", y);
    this.element.setAttribute("aria-label",
      `The loss is minus the logarithm of the true digit's probability: ${number(loss, 2)} at ${number(p, 3)}`);
  }
}

function worked(logits, temperature, truth, shares, loss, slopes) {
  const one = Math.abs(temperature - 1) < 1e-9;
  const raised = (k) => sup(mi("e"), one ? mn(number(logits[k], 1))
    : row(mn(number(logits[k], 1)), mo("/"), mn(number(temperature, 2))));
  const powers = logits.map((z) => Math.exp(z / temperature));
  const total = powers.reduce((a, b) => a + b, 0);
  const p = () => sub(mi("p"), mn(truth));
  const rest = 1 - shares[truth];
  const nearly = rest < 5e-5; // so near to 1 that four places would hide what is left
  const certain = () => (nearly ? row(mn(1), mo("−"), mn(short(rest, 4))) : mn(short(shares[truth], 4)));
  const z = (k) => (one ? sub(mi("z"), k) : row(sub(mi("z"), k), mo("/"), mi("T")));
  return math(lines(
    [p(), mo("="), frac(raised(truth), row(sum(mi("k"), mn("")), sup(mi("e"), z(mi("k"))))), mo("="),
      frac(large(powers[truth]), large(total)), mo("="), certain()],
    [mi("L"), mo("="), mo("−"), mi("ln"), ...(nearly ? [fence("("), certain(), fence(")")]
      : [space("0.17em"), certain()]), mo("="),
      mn(short(loss, 3))],
    [frac(row(mo("∂"), mi("L")), row(mo("∂"), sub(mi("z"), mn(truth)))), mo("="),
      one ? row(p(), mo("−"), mn(1)) : frac(row(p(), mo("−"), mn(1)), mi("T")), mo("="),
        mn(short(slopes[truth], 4))]));
}

/** A number with so many places, or as 3.2·10⁻⁵ where they would not show it. */
function short(value, places) {
  if (value === 0 || Math.abs(value) >= 10 ** -places) return number(value, places);
  const [head, power] = value.toExponential(1).replace("-", value < 0 ? "−" : "-").split("e");
  return `${head}·10⁻${[...power.replace(/\D/g, "")].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`;
}

/** A number that may be very large or small, as people write it. */
function large(value) {
  if (value < 1e5 && value >= 1e-3) return mn(number(value, 2));
  const power = Math.floor(Math.log10(value));
  return row(mn(number(value / 10 ** power, 2)), mo("·"), sup(mn(10), mn(number(power))));
}
