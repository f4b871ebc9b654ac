// One symbol: from the picture to 28×28, how likely each value is, and what it really was.

import { fromBase64, tell } from "../api.js";
import { Bars } from "../bars.js";
import { button, el, fill } from "../dom.js";
import { aNamed, named } from "../marks.js";
import { likely } from "../numbers.js";
import { greySheet } from "../paint.js";

const SIDE = 168; // pixels of a step
const GUIDE = "#1f66a8"; // of lines that are not ink

/** What is known of one symbol: `.show(symbol, steps, page)`, the page being how it is shown. */
export class Detail {
  /** `labels` are what a symbol may be said to have been; without any none is kept. */
  constructor(element, labels) {
    Object.assign(this, { element, labels });
    this.heading = el("h2");
    this.bars = new Bars("Probability of each symbol");
    this.saved = el("p", { class: "small", role: "status" });
    this.steps = STEPS.map(([name, words]) => ({ name, words, canvas: el("canvas", {
      class: "pixels", role: "img", "aria-label": `${name}: ${words}`, width: SIDE, height: SIDE }) }));
    fill(element, this.heading, el("div", { class: "parts" },
      el("div", {},
        el("ol", { class: "way" }, this.steps.map(({ name, words, canvas }) =>
          el("li", {}, canvas, el("b", {}, name), el("span", {}, words)))),
        el("div", { class: "row", style: { marginTop: "1rem" } },
          button("Save as 28×28 PNG", () => this.save()),
          el("a", { class: "button", href: "/inside" }, "Look inside a network"))),
      el("div", {}, el("p", { class: "small soft" }, "Probabilities, given that it is a symbol:"),
        this.bars.element, labels.length ? this.correction() : null)));
  }

  show(symbol, steps, page) {
    if (!symbol) { this.element.hidden = true; return; }
    const fresh = this.symbol?.network_input !== symbol.network_input;
    this.symbol = symbol;
    this.heading.textContent = symbol.rejection ? `Rejected: ${symbol.reason}`
      : `Read as ${aNamed(symbol.value)}, probability ${likely(symbol.confidence)}`;
    this.bars.showCandidates(symbol.candidates);
    // While the pen moves there are boxes and values; the steps come when it rests.
    if (!symbol.network_input || !steps) return;
    this.element.hidden = false;
    if (fresh) fill(this.saved);
    delete this.element.dataset.drawn;
    this.draw(symbol, steps, page).catch(({ message }) => fill(this.saved, message));
  }

  async draw(symbol, steps, page) {
    const [grey, ink] = await Promise.all([steps.grey, steps.ink].map(picture));
    if (this.symbol !== symbol) return;
    const [first, second, third, fourth] = this.steps.map(({ canvas }) => canvas);
    const box = page.box(symbol.outline);
    const around = margin(box, 0.35);
    crop(first, grey, around, page);
    crop(second, ink, around, page);
    boxed(third, ink, box, page);
    centred(fourth, fromBase64(symbol.network_input));
    this.element.dataset.drawn = "true";
  }

  correction() {
    const buttons = this.labels.map((label) =>
      button(label, () => this.keep(label), { "aria-label": `Correct to ${label}` }));
    return el("div", { class: "correct" }, el("p", {}, "Not correct? Choose the right digit:"), el("div", { class: "row" }, buttons),
      this.saved);
  }

  async keep(label) {
    const { network_input } = this.symbol;
    try {
      const { count, train } = await tell("/api/corrections", { network_input, label });
      if (this.symbol.network_input !== network_input) return; // another digit is shown meanwhile
      const all = count === 1 ? "1 digit" : `${count} digits`;
      fill(this.saved, `Saved as ${aNamed(label)}; you have saved ${all}. To train on them too, run `,
        el("code", {}, train), ".");
    } catch (error) {
      fill(this.saved, el("span", { class: "bad" }, error.message));
    }
  }

  save() {
    const { network_input, value } = this.symbol;
    const href = greySheet(fromBase64(network_input)).toDataURL("image/png"); // as it is kept: light on dark
    el("a", { href, download: `digit-${fileName(value)}.png` }).click();
  }
}

const fileName = (value) => (value ? named(value).replace(/ \(.*/, "").replaceAll(" ", "-") : "none");

const STEPS = [
  ["Grey", "the symbol with a margin, in shades of grey"],
  ["Ink", "ink, separated from the paper"],
  ["Scaled", "to fit a box of 20×20 pixels"],
  ["Centred", "28×28 pixels, centre of mass in the middle: the network's input"],
];

const picture = (content) => createImageBitmap(new Blob([fromBase64(content)], { type: "image/png" }));

function margin([left, top, width, height], part) {
  const by = part * Math.max(width, height);
  return square([left - by, top - by, width + 2 * by, height + 2 * by]);
}

function square([left, top, width, height]) {
  const side = Math.max(width, height);
  return [left - (side - width) / 2, top - (side - height) / 2, side, side];
}

/** Draw a part of a page; its steps may be smaller than it is. */
function crop(canvas, step, [left, top, width, height], page, place = [0, 0, SIDE, SIDE]) {
  const context = canvas.getContext("2d");
  const scale = step.width / page.width;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, SIDE, SIDE);
  context.imageSmoothingQuality = "high";
  context.drawImage(step, left * scale, top * scale, width * scale, height * scale, ...place);
}

/** Draw a symbol as large as fits in 20 of 28 pixels, and those as a frame. */
function boxed(canvas, step, box, page) {
  const [, , width, height] = box;
  const side = (20 / 28) * SIDE;
  const scale = side / Math.max(width, height);
  const [wide, tall] = [width * scale, height * scale];
  crop(canvas, step, box, page, [(SIDE - wide) / 2, (SIDE - tall) / 2, wide, tall]);
  const context = canvas.getContext("2d");
  context.strokeStyle = GUIDE;
  context.strokeRect((SIDE - side) / 2, (SIDE - side) / 2, side, side);
}

function centred(canvas, bytes) {
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.globalAlpha = 1;
  context.drawImage(greySheet(bytes.map((value) => 255 - value)), 0, 0, SIDE, SIDE);
  context.fillStyle = GUIDE;
  context.globalAlpha = 0.4;
  context.fillRect(SIDE / 2, 0, 1, SIDE);
  context.fillRect(0, SIDE / 2, SIDE, 1);
}
