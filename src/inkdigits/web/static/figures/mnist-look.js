// A drawing on its way to 28×28: shrunk as it is, and framed as MNIST was; both are read.

import { choice, el, fill, slider } from "../dom.js";
import { Network, OPTIMISERS } from "../learn.js";
import { lesson, steps, watched } from "../lesson.js";
import { frac, lines, math, mi, mn, mo, over, row } from "../mathml.js";
import { onDigit } from "../mine.js";
import { number, percent } from "../numbers.js";
import { Pad } from "../pad.js";
import { greySheet, Pixels } from "../paint.js";
import { panel } from "../pieces.js";
import { pointable } from "../point.js";
import { halved } from "../samples.js";

const [PAD, SIZE, BOX, MIDDLE, FAINT, STRONG] = [280, 28, 20, 14.5, 0.15, 0.8]; // as networks/frame.py
const [LEARNED, BATCH] = [1000, 10];
const RATES = [...Array(10).fill(0.003), ...Array(5).fill(0.0005)]; // one an epoch
const FIVE = [[190, 52], [120, 50], [104, 122], [128, 112], [166, 116], [188, 150], [176, 196], [138, 214],
  [92, 196]];

const whole = (share) => percent(share, 0);

export async function mount({ figure, formula }) {
  const all = await lesson(0, LEARNED);
  const network = new Network([196, 48, 10], { seed: 1, optimiser: OPTIMISERS.adam() });
  const state = { size: 0.5, across: -50, down: -50, averaged: true, place: [7, 14], learned: false };
  const base = sheet();
  const wide = document.documentElement.clientWidth > 560;
  let laying = false;

  const plain = new Way("shrunk only", wide ? 168 : 130);
  const framed = new Way("framed as in MNIST", wide ? 168 : 130);
  const pad = new Pad({ width: PAD, height: PAD, thickness: 14, label: "Draw one digit", onchange: drawn });
  pad.element.style.maxWidth = `${PAD}px`;
  const marks = overlay(PAD);
  pad.element.append(marks);
  const says = el("p", { class: "says", role: "status" }, "Training a small network …");

  const sliders = {
    size: slider({ label: "Size", min: 0.2, max: 1.5, step: 0.05, value: state.size,
      show: whole, oninput: set("size") }),
    across: slider({ label: "Across", min: -140, max: 140, value: state.across, show: number,
      oninput: set("across") }),
    down: slider({ label: "Down", min: -140, max: 140, value: state.down, show: number,
      oninput: set("down") }),
  };

  function set(name) {
    return (value) => { state[name] = value; lay(); };
  }

  /** Put the sliders where `values` says, without moving anything. */
  function reset(values) {
    Object.assign(state, values);
    for (const [name, one] of Object.entries(sliders)) one.put(state[name]);
  }

  /** Lay what was drawn on the pad, of the size and at the place that the sliders say. */
  function lay() {
    const { canvas, context } = sheet();
    const side = PAD * state.size;
    const corner = (PAD - side) / 2;
    context.drawImage(base.canvas, corner + state.across, corner + state.down, side, side);
    laying = true;
    pad.lay(canvas);
    laying = false;
  }

  function drawn() {
    if (!laying) {
      pad.drawOn(base.context);
      reset({ size: 1, across: 0, down: 0 });
    }
    draw();
  }

  function draw() {
    const ink = inkOf(pad);
    const found = frame(ink, PAD, state.averaged);
    plain.show(shrunk(ink, PAD, state.averaged), null);
    framed.show(found.pixels, found);
    const answers = state.learned && !pad.empty && found.mass > 0
      ? [plain, framed].map((way) => way.read(network)) : [plain.silent(), framed.silent()];
    if (found.mass === 0) says.textContent = "There is no ink.";
    else if (state.learned) says.textContent = sentence(...answers);
    point(found);
  }

  function point(found) {
    const [i, j] = state.place;
    const { row: at, column, step: far } = found;
    const reach = Math.max(1, far);
    const [r, c] = [at + (i + 0.5 - MIDDLE) * far, column + (j + 0.5 - MIDDLE) * far];
    fill(marks, found.mass ? [cross(column, at, 9),
      rectangle(found.left, found.top, found.width, found.height, "box"),
      rectangle(c - reach, r - reach, 2 * reach, 2 * reach, "seen")] : []);
    framed.mark(found, state.place);
    fill(formula, worked(found, state.place));
  }

  pointable(framed.pixels, () => state.place, (found) => { state.place = found; draw(); });

  fill(figure,
    el("div", { class: "controls" }, Object.values(sliders),
      choice({ label: "A small pixel is", value: "mean",
        options: [["mean", "the mean of its area"], ["one", "one pixel of the drawing"]],
        onchange: (value) => { state.averaged = value === "mean"; draw(); } })),
    el("div", { class: "stage" },
      panel("draw here, then move it", pad.element),
        plain.element, framed.element),
    says);

  await onDigit(({ pixels, drawn: own }) => {
    if (own) write(base, pixels);
    else pad.put([{ thickness: 16, points: FIVE }]);
    reset({ size: 0.5, across: -50, down: -50 });
    lay();
  });
  const epochs = RATES.map((rate, seed) => steps(network, all, { batch: BATCH, rate, seed }));
  let done = 0;
  watched(() => {
    epochs[Math.floor((done * BATCH) / LEARNED)]();
    done += 1;
    return done * BATCH < RATES.length * LEARNED;
  }, (ended) => {
    if (!ended) return;
    state.learned = true;
    draw();
  });
}

/** A picture that the network sees, with what it reads there. */
class Way {
  constructor(title, size) {
    this.pixels = new Pixels({ label: title, size });
    this.canvas = this.pixels.element;
    this.marks = overlay(SIZE);
    this.answer = el("span", { class: "number" });
    this.element = panel(title,
      el("div", { class: "over" }, this.canvas, this.marks),
      this.answer);
  }

  show(values) {
    this.values = values;
    this.pixels.show(values);
  }

  read(network) {
    const shares = network.predict(halved(this.values));
    const share = Math.max(...shares);
    const value = shares.indexOf(share);
    fill(this.answer, "read as ", el("b", {}, String(value)), `, ${percent(share, 0)}`);
    return value;
  }

  silent() {
    this.answer.textContent = "";
  }

  /** The box of 20×20, the centre of mass, and the pixel that is looked at. */
  mark(found, [i, j]) {
    if (!found.mass) return fill(this.marks);
    const across = (found.left + found.width / 2 - found.column) / found.step + MIDDLE;
    const down = (found.top + found.height / 2 - found.row) / found.step + MIDDLE;
    return fill(this.marks, rectangle(across - BOX / 2, down - BOX / 2, BOX, BOX, "box"),
      cross(MIDDLE, MIDDLE, 0.9),
      rectangle(j, i, 1, 1, "seen"));
  }
}

function sheet() {
  const canvas = el("canvas", { width: PAD, height: PAD });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, PAD, PAD);
  return { canvas, context };
}

/** Write a digit of 28×28 on a sheet, smoothly. */
function write({ context }, pixels) {
  context.imageSmoothingQuality = "high";
  context.drawImage(greySheet(pixels.map((value) => 255 * (1 - value))), 0, 0, PAD, PAD);
}

const reading = sheet();

/** The ink on a pad, from 0 paper to 1. */
function inkOf(pad) {
  pad.drawOn(reading.context);
  const { data } = reading.context.getImageData(0, 0, PAD, PAD);
  return Float32Array.from({ length: PAD * PAD }, (_, at) => 1 - data[4 * at] / 255);
}

/** The whole drawing as 28×28: the mean of each area, or one pixel of it. */
export function shrunk(ink, side, averaged) {
  const part = side / SIZE;
  return Float32Array.from({ length: SIZE * SIZE }, (_, at) => {
    const [top, left] = [Math.floor(at / SIZE) * part, (at % SIZE) * part];
    if (!averaged) return ink[(top + part / 2) * side + left + part / 2];
    let total = 0;
    for (let r = top; r < top + part; r += 1) {
      for (let c = left; c < left + part; c += 1) total += ink[r * side + c];
    }
    return total / part ** 2;
  });
}

/** The ink scaled into 20×20, its centre of mass in the middle: as networks/frame.py does it. */
export function frame(ink, side, averaged = true) {
  const [down, across, tall, wide] = [0, 1, 2, 3].map(() => new Float32Array(side));
  ink.forEach((value, at) => {
    const [r, c] = [Math.floor(at / side), at % side];
    down[r] += value;
    across[c] += value;
    tall[r] = Math.max(tall[r], value);
    wide[c] = Math.max(wide[c], value);
  });
  const [[top, height], [left, width]] = [extent(tall), extent(wide)];
  const mass = down.reduce((a, b) => a + b, 0);
  const step = Math.max(1, width, height) / BOX;
  const [atRow, atColumn] = [centre(down, top + height / 2), centre(across, left + width / 2)];
  const [rows, columns] = [atRow, atColumn].map((middle) => resampling(middle, step, side, averaged));
  const pixels = strengthened(resampled(ink, side, rows, columns));
  return { pixels, row: atRow, column: atColumn, top, left, width, height, step, mass };
}

/** Where ink begins and how far it goes, to parts of a pixel. */
function extent(profile) {
  const most = Math.max(1e-6, ...profile);
  let [begins, ends] = [profile.length, 0];
  profile.forEach((value, at) => {
    const part = value / most;
    if (part <= FAINT) return;
    begins = Math.min(begins, at + 1 - part);
    ends = Math.max(ends, at + part);
  });
  return [begins, Math.max(0, ends - begins)];
}

function centre(mass, otherwise) {
  const total = mass.reduce((a, b) => a + b, 0);
  return total > 0 ? mass.reduce((sum, value, at) => sum + value * (at + 0.5), 0) / total : otherwise;
}

/** What each of 28 small pixels takes of the large ones: [[place, weight], ...] each. */
function resampling(middle, step, side, averaged) {
  const reach = Math.max(1, step);
  return Array.from({ length: SIZE }, (_, i) => {
    const wanted = middle + (i + 0.5 - MIDDLE) * step;
    if (!averaged) return wanted >= 0 && wanted < side ? [[Math.floor(wanted), 1]] : [];
    const taken = [];
    const end = Math.min(side, wanted + reach + 1);
    for (let at = Math.max(0, Math.floor(wanted - reach - 1)); at < end; at += 1) {
      const weight = (1 - Math.abs(wanted - at - 0.5) / reach) / reach;
      if (weight > 0) taken.push([at, weight]);
    }
    return taken;
  });
}

function resampled(ink, side, rows, columns) {
  return Float32Array.from({ length: SIZE * SIZE }, (_, at) => {
    let total = 0;
    for (const [r, tall] of rows[Math.floor(at / SIZE)]) {
      for (const [c, wide] of columns[at % SIZE]) total += tall * wide * ink[r * side + c];
    }
    return total;
  });
}

/** What grew faint is brought back to the strength of ink. */
function strengthened(pixels) {
  const total = pixels.reduce((a, b) => a + b, 0);
  const weight = pixels.reduce((sum, value) => sum + value ** 2, 0) / Math.max(total, 1e-6);
  const gain = Math.max(1, STRONG / Math.max(weight, 1e-3));
  return pixels.map((value) => Math.min(1, Math.max(0, value * gain)));
}

const overlay = (side) => el("svg", { class: "marks", viewBox: `0 0 ${side} ${side}`,
  "aria-hidden": "true" });
const cross = (x, y, arm) => el("path", { class: "cross",
  d: `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}` });
const rectangle = (x, y, width, height, kind) => el("rect", { class: kind, x, y, width, height });

function sentence(plain, framed) {
  return plain === framed
    ? `Both are read as ${framed}. Move the digit, or make it smaller or larger.`
    : `The same ink, the same network: shrunk it is read as ${plain}, framed as ${framed}.`;
}

function worked(found, [i]) {
  const { row: at, step } = found;
  const bar = () => over("r", "¯");
  if (!found.mass) return math(mi("s"), mo("="), mn(0));
  return math(lines(
    [bar(), mo("="), mn(number(at, 1)), mo(","), mi("s"), mo("="), mn(number(step * BOX, 1)), mo(","),
      mi("i"), mo("="), mn(i)],
    [mn(number(at, 1)), mo("+"), mo("("), mn(i), mo("+"), frac(mn(1), mn(2)), mo("−"), mn("14.5"), mo(")"),
      frac(mn(number(step * BOX, 1)), mn(BOX)), mo("="),
        row(mn(number(at + (i + 0.5 - MIDDLE) * step, 1)))]));
}
