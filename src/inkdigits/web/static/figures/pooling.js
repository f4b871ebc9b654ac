// Move the digit by a pixel: what changes in the picture, in its feature map, and after pooling.

import { choice, el, fill, slider } from "../dom.js";
import { KERNELS } from "../kernels.js";
import { argmax } from "../learn.js";
import { fence, lines, math, mi, mn, mo, row, sub } from "../mathml.js";
import { onDigit } from "../mine.js";
import { hundredths, number, percent } from "../numbers.js";
import { Pixels } from "../paint.js";
import { panel } from "../pieces.js";
import { framed, pointable } from "../point.js";

const CHOICES = ["vertical edges", "horizontal edges", "outline"];
const WINDOWS = [1, 2, 4, 7, 14, 28];
const TAKES = {
  maximum: (values) => Math.max(...values),
  mean: (values) => values.reduce((a, b) => a + b, 0) / values.length,
};
const LISTED = 16; // values of a window that the formula names one by one

export function mount({ figure, formula }) {
  let [kernel, window, take, right, down] = ["vertical edges", 2, "maximum", 1, 0];
  let [digit, stages, place] = [null, null, [4, 7]];

  const pictures = [["your digit, moved", "ink"], ["its feature map, after ReLU", "signed"],
    ["pooled: point at it", "signed"]].map(([title, kind]) => new Stage(title, kind));
  const [picture, map, pooled] = pictures;
  const bars = new Changes(WINDOWS);
  const says = el("p", { class: "says", role: "status" });

  /** The digit, its map and the pooled map, with the digit moved so far. */
  const passed = (across, along) => {
    const ink = moved(digit, across, along);
    const found = mapped(ink, KERNELS[kernel]);
    return [ink, found, ...WINDOWS.map((size) => pool(found, size, TAKES[take]))];
  };

  function draw() {
    if (!digit) return;
    const side = 28 / window;
    place = place.map((at) => Math.min(side - 1, at));
    pooled.resize(side);
    const [still, gone] = [passed(0, 0), passed(right, down)];
    const which = 2 + WINDOWS.indexOf(window);
    const changes = still.map((values, at) => changed(values, gone[at]));
    stages = [gone[0], gone[1], gone[which]];
    [0, 1, which].forEach((at, k) => pictures[k].show(gone[at], still[at], changes[at]));
    bars.show(changes.slice(2), window);
    point();
  }

  function point() {
    const [r, c] = place;
    const values = inWindow(stages[1], r, c, window);
    const winner = argmax(values);
    const [top, left] = [r * window, c * window];
    const first = [top + Math.floor(winner / window), left + (winner % window)];
    pooled.frame.mark([r, c]);
    map.frame.mark([top, left, window, window], take === "maximum" && first);
    const result = TAKES[take](values);
    says.textContent = `Row ${r}, column ${c} of the pooled map: of ${values.length} values `
      + `the ${take} is ${hundredths(result)}.`;
    fill(formula, worked(place, values, result, take));
  }

  pointable(pooled.pixels, () => place, (found) => { place = found; point(); });
  const by = (label, value, oninput) => slider({ label, min: -3, max: 3, value,
    show: (pixels) => number(pixels), oninput: (pixels) => { oninput(pixels); draw(); } });
  const names = (keys) => keys.map((name) => [name, name]);
  fill(figure,
    el("div", { class: "controls tight" },
      by("Moved right", right, (pixels) => { right = pixels; }),
      by("Moved down", down, (pixels) => { down = pixels; })),
    el("div", { class: "controls" },
      choice({ label: "Kernel", options: names(CHOICES), value: kernel,
        onchange: (name) => { kernel = name; draw(); } }),
      choice({ label: "Window", options: WINDOWS.slice(1).map((size) => [size, `${size}×${size}`]),
        value: window, onchange: (size) => { window = Number(size); draw(); } }),
      choice({ label: "Pooling", options: names(Object.keys(TAKES)), value: take,
        onchange: (name) => { take = name; draw(); } })),
    el("div", { class: "stage" }, pictures.map(({ element }) => element)),
    bars.element, says);
  return onDigit(({ pixels }) => { digit = pixels; draw(); });
}

/** A picture, and beneath it what the move has changed in it. */
class Stage {
  constructor(title, kind) {
    this.pixels = new Pixels({ label: title, size: 224, kind });
    this.difference = new Pixels({ label: `${title}: new minus old`, size: 224, kind: "signed" });
    this.frame = framed(this.pixels);
    this.share = el("span");
    this.element = el("div", { class: "pair" },
      panel(title, this.frame.element),
      panel(this.share, this.difference.element));
  }

  resize(side) {
    [this.pixels, this.difference].forEach((pixels) => pixels.resize(side, side, 224));
  }

  show(now, before, change) {
    const most = Math.max(1, ...before, ...now);
    this.pixels.show(now, most);
    this.difference.show(now.map((value, at) => value - before[at]), most);
    this.share.textContent = `changed by the move: ${percent(change, 0)}`;
  }
}

/** A bar for each window: how much of the pooled map has changed. */
class Changes {
  constructor(sizes) {
    this.rows = sizes.map((size) => ({
      size,
      name: el("span", {}, `${size === 1 ? "no pooling" : `${size}×${size}`}: ${(28 / size) ** 2} `
        + `value${size === 28 ? "" : "s"}`),
      fill: el("div", { class: "fill" }),
      share: el("span"),
    }));
    this.element = panel("change of the map, by window",
      el("div", { class: "bars" },
        this.rows.map(({ name, fill: bar, share }) => [name, el("div", { class: "track" }, bar), share])));
  }

  show(changes, chosen) {
    this.rows.forEach(({ size, name, fill: bar, share }, at) => {
      bar.style.width = percent(changes[at]);
      share.textContent = percent(changes[at], 0);
      name.classList.toggle("top-one", size === chosen);
    });
  }
}

const moved = (pixels, right, down) => Array.from({ length: 784 }, (_, at) => {
  const [r, c] = [Math.floor(at / 28) - down, (at % 28) - right];
  return r >= 0 && c >= 0 && r < 28 && c < 28 ? pixels[28 * r + c] : 0;
});

/** The feature map of a kernel, 28×28 with a rim of paper, after ReLU. */
function mapped(pixels, kernel) {
  return Array.from({ length: 784 }, (_, at) => {
    let total = 0;
    kernel.forEach((weight, k) => {
      const [r, c] = [Math.floor(at / 28) + Math.floor(k / 3) - 1, (at % 28) + (k % 3) - 1];
      if (r >= 0 && c >= 0 && r < 28 && c < 28) total += weight * pixels[28 * r + c];
    });
    return Math.max(0, total);
  });
}

const inWindow = (map, r, c, size) => Array.from({ length: size ** 2 }, (_, k) =>
  map[28 * (size * r + Math.floor(k / size)) + size * c + (k % size)]);

const pool = (map, size, take) => Array.from({ length: (28 / size) ** 2 }, (_, at) =>
  take(inWindow(map, Math.floor(at / (28 / size)), at % (28 / size), size)));

/** The part of two maps that they do not share: 0 if they are the same, 1 if they have nothing in common. */
function changed(before, now) {
  const both = before.reduce((total, value, at) => total + value + now[at], 0);
  return both ? before.reduce((total, value, at) => total + Math.abs(value - now[at]), 0) / both : 0;
}


function worked([r, c], values, result, take) {
  const side = Math.sqrt(values.length);
  const few = values.length <= LISTED;
  const named = few ? values : [...values].sort((a, b) => b - a).slice(0, 4);
  const sign = take === "maximum" ? "," : "+";
  const last = few ? named.length - 1 : Infinity;
  const terms = named.map((value, at) => row(mn(hundredths(value)), ...(at === last ? [] : [mo(sign)])));
  const wide = few ? side : 4;
  const rows = Array.from({ length: Math.ceil(terms.length / wide) }, (_, k) =>
    terms.slice(wide * k, wide * (k + 1)));
  const opening = take === "maximum" ? [mi("max"), fence("(")]
    : [mn(`1/${values.length}`), mo("·"), fence("(")];
  rows[0].unshift(sub(mi("y"), row(mn(r), mo(","), mn(c))), mo("="), ...opening);
  rows.at(-1).push(few ? row() : mo("…"), fence(")"), mo("="), mn(hundredths(result)));
  return math(lines(...rows));
}
