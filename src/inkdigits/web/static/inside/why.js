// Which pixels mattered for a class: covered one after the other, and by integrated gradients.

import { choice, el, fill, themed } from "../dom.js";
import { number } from "../numbers.js";
import { pixelAt, rgb, sheet } from "../paint.js";
import { why } from "./network.js";
import { outlined } from "./tiles.js";

const SIDE = 28;
const SIZE = 252; // CSS pixels
const MOVES = { ArrowUp: -SIDE, ArrowDown: SIDE, ArrowLeft: -1, ArrowRight: 1 };

/** new Why(), then .show(name, pixels, digit, symbol): asks the server, and paints when it answers. */
export class Why {
  constructor() {
    this.cover = "paper";
    this.title = el("h2", {});
    this.maps = {
      occlusion: new Overlay("Occlusion map"),
      gradients: new Overlay("Integrated gradients"),
    };
    this.says = { occlusion: el("p", { class: "small" }), gradients: el("p", { class: "small" }) };
    const covers = choice({ label: "Patch colour", value: "paper",
      options: [["paper", "paper"], ["grey", "grey"]],
      onchange: (value) => { this.cover = value; this.ask(); } });
    const part = (title, name, ...more) => el("div", { class: "why-part" }, el("h3", {}, title),
      this.maps[name].element, this.maps[name].reads, this.says[name], ...more);
    this.note = el("p", { class: "note", hidden: true });
    this.element = el("div", { class: "why", role: "group", "aria-label": "Which pixels mattered" },
      this.title, el("p", {}, "Blue pixels support the class, orange ones oppose it. Choose the class in the "
        + "table of logits."), this.note,
      el("div", { class: "why-parts" }, part("Occlusion", "occlusion", covers),
        part("Integrated gradients", "gradients")));
    this.turn = 0;
  }

  show(name, pixels, digit, symbol) {
    Object.assign(this, { name, pixels, digit, symbol });
    this.title.textContent = `Which pixels mattered for ${symbol}`;
    // Asked only when it is about to be seen: it costs the server more than all else here.
    this.watch ??= new IntersectionObserver(([{ isIntersecting }]) => {
      this.near = isIntersecting;
      if (isIntersecting && this.stale) this.ask();
    }, { rootMargin: "300px" });
    this.watch.observe(this.element);
    this.stale = true;
    if (this.near) this.ask();
  }

  async ask() {
    const turn = ++this.turn;
    this.stale = false;
    this.element.dataset.ready = "false";
    try {
      const { tensors, details } = await why(this.name, this.pixels, this.digit, this.cover);
      if (turn !== this.turn) return;
      this.note.hidden = true;
      this.maps.occlusion.show(this.pixels, tensors.occlusion.values);
      this.maps.gradients.show(this.pixels, tensors.gradients.values);
      this.tell(details, tensors.gradients.values);
      this.element.dataset.ready = "true";
    } catch (error) {
      if (turn !== this.turn) return;
      fill(this.note, error.message);
      this.note.hidden = false;
    }
  }

  tell({ occlusion, gradients }, parts) {
    const { symbol } = this;
    const { patch } = occlusion;
    const { logit, blank, steps } = gradients;
    this.says.occlusion.textContent = `A patch of ${patch}×${patch} pixels slides over the digit. Shown is the drop `
      + `in the log-odds of ${symbol}, which are ${number(occlusion.log_odds, 2)} without a patch.`;
    const sum = parts.reduce((total, one) => total + one, 0);
    this.says.gradients.textContent = `The logit of ${symbol} is ${number(blank, 2)} for blank paper and `
      + `${number(logit, 2)} here. The attributions add up to ${number(sum, 2)} of the difference, `
      + `${number(logit - blank, 2)} (${steps} steps).`;
  }
}

/** Signed values over a digit, in which pixels can be pointed at. */
class Overlay {
  constructor(label) {
    this.element = el("canvas", { class: "plane live", role: "img", tabindex: "0",
      "aria-label": `${label}: point at a pixel`,
      style: { width: `${SIZE}px`, height: `${SIZE}px` } });
    this.reads = el("p", { class: "small soft number reads" }, "Point at a pixel.");
    this.element.addEventListener("pointermove", (event) => this.point(pixelAt(this.grid(), event)));
    this.element.addEventListener("pointerdown", (event) => this.point(pixelAt(this.grid(), event)));
    this.element.addEventListener("keydown", (event) => {
      if (!(event.key in MOVES)) return;
      event.preventDefault();
      const next = (this.at ?? 14 * SIDE + 14) + MOVES[event.key];
      if (next >= 0 && next < SIDE * SIDE) this.point([Math.floor(next / SIDE), next % SIDE]);
    });
    themed(this.element, () => this.values && this.draw());
  }

  /** The canvas as pixelAt knows one: of 28×28. */
  grid() {
    return { width: SIDE, height: SIDE, getBoundingClientRect: () => this.element.getBoundingClientRect() };
  }

  show(pixels, values) {
    Object.assign(this, { pixels, values });
    this.draw();
    this.read();
  }

  point(place) {
    if (!place || !this.values) return;
    this.at = place[0] * SIDE + place[1];
    this.draw();
    this.read();
  }

  read() {
    if (this.at === undefined) return;
    const [row, column] = [Math.floor(this.at / SIDE), this.at % SIDE];
    const value = number(this.values[this.at], 3);
    this.reads.textContent = `Row ${row + 1}, column ${column + 1}: ${value}.`;
  }

  draw() {
    const sharp = devicePixelRatio || 1;
    Object.assign(this.element, { width: SIZE * sharp, height: SIZE * sharp });
    const context = this.element.getContext("2d");
    context.scale(sharp, sharp);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.blended(), 0, 0, SIZE, SIZE);
    if (this.at === undefined) return;
    const cell = SIZE / SIDE;
    const [left, top] = [(this.at % SIDE) * cell, Math.floor(this.at / SIDE) * cell];
    outlined(context, left - 1, top - 1, cell + 2, cell + 2);
  }

  /** The digit, faint, and the values over it. */
  blended() {
    const [paper, ink, plus, minus] = ["paper", "ink", "plus", "minus"].map(rgb);
    const most = this.values.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 1e-9);
    const image = new ImageData(SIDE, SIDE);
    this.values.forEach((value, at) => {
      const share = Math.min(1, Math.abs(value) / most) ** 0.8;
      const over = value >= 0 ? plus : minus;
      for (let part = 0; part < 3; part += 1) {
        const under = paper[part] + 0.28 * this.pixels[at] * (ink[part] - paper[part]);
        image.data[4 * at + part] = under + share * (over[part] - under);
      }
      image.data[4 * at + 3] = 255;
    });
    return sheet(image);
  }
}
