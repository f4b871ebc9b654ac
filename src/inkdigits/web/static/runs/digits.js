// Test digits with what was read in them: tiles in a gallery, and one at large in a dialog.

import { get, shades } from "../api.js";
import { Bars } from "../bars.js";
import { announce, button, el, fill } from "../dom.js";
import { about } from "../numbers.js";
import { Pixels } from "../paint.js";
import { ask, many, sentence } from "./words.js";

const PAGE = 30;

/** Digits of one run, of the kind last asked for: `.element`, `.show(query, title)`. */
export class Gallery {
  constructor(name) {
    Object.assign(this, { name, tiles: [], turn: 0 });
    this.title = el("h3", { tabindex: -1 });
    this.place = el("div", { class: "gallery" });
    this.says = el("p", { class: "soft small", role: "status" });
    this.more = button("Show more", () => this.load(), { hidden: true });
    this.element = el("section", { class: "opened", "aria-label": "Digits" },
      this.title, this.says, this.place, this.more);
  }

  /** Show the digits that `query` asks for, such as { true: 4, read: 9 }, under a title. */
  async show(query, title) {
    Object.assign(this, { query, count: 0 });
    this.title.textContent = title;
    this.says.textContent = "Loading digits …";
    this.more.hidden = true;
    await this.load();
  }

  async load() {
    const mine = ++this.turn;
    const query = new URLSearchParams({ ...this.query, offset: this.count, limit: PAGE });
    let found;
    try {
      found = await get(ask(this.name, `/digits?${query}`));
    } catch (error) {
      if (mine === this.turn) {
        fill(this.says, sentence(error.message));
        fill(this.place);
      }
      return;
    }
    if (mine !== this.turn) return; // another cell was opened meanwhile
    found.digits.forEach((digit, at) => this.tile(this.count + at).show(digit, found.classes));
    this.count += found.digits.length;
    fill(this.place, this.tiles.slice(0, this.count).map(({ element }) => element));
    this.more.hidden = this.count >= found.total;
    this.says.textContent = this.count < found.total ? `${this.count} of ${many(found.total, "digit")}`
      : many(found.total, "digit");
    announce(`${this.title.textContent}: ${this.says.textContent}`);
  }

  tile(at) {
    this.tiles[at] ??= new Tile(open);
    return this.tiles[at];
  }
}

/** Show a digit's pixels, of whatever size they are, in a square of `size` CSS pixels. */
function paint(picture, digit, size) {
  const values = shades(digit.pixels);
  const rows = values.length / digit.columns;
  picture.resize(rows, digit.columns, size * Math.min(1, digit.columns / rows));
  picture.show(values);
}

class Tile {
  constructor(onopen) {
    this.picture = new Pixels({ label: "", size: 72 });
    this.picture.element.setAttribute("aria-hidden", "true");
    this.words = el("span", {});
    this.element = el("button", { type: "button", class: "tile", onclick: () => onopen(this.digit, this.classes) },
      this.picture.element, this.words);
  }

  show(digit, classes) {
    Object.assign(this, { digit, classes });
    const right = digit.true === digit.read;
    const [truth, read] = [classes[digit.true], classes[digit.read]];
    paint(this.picture, digit, 72);
    const sure = about(digit.confidence);
    fill(this.words, el("strong", { class: right ? "good" : "bad" },
      right ? read : `${truth} → ${read}`), ` ${sure}`);
    this.element.setAttribute("aria-label",
      `True ${truth}, predicted ${right ? "correctly" : read}, ${sure}`);
  }
}

let shown = null;

/** Show one digit at large, with all its probabilities. */
function open(digit, classes) {
  shown ??= new Large();
  shown.show(digit, classes);
}

class Large {
  constructor() {
    this.picture = new Pixels({ label: "Digit", size: 196 });
    this.bars = el("div", {});
    this.title = el("h2", { id: "large" });
    this.dialog = el("dialog", { "aria-labelledby": "large", class: "large" }, this.title,
      el("div", { class: "row" }, this.picture.element, this.bars),
      el("div", { class: "row end" }, button("Close", () => this.dialog.close())));
    // A click beside the dialog closes it, too.
    this.dialog.addEventListener("click", ({ target }) => {
      if (target === this.dialog) this.dialog.close();
    });
    document.body.append(this.dialog);
  }

  show(digit, classes) {
    const [truth, read] = [classes[digit.true], classes[digit.read]];
    this.title.textContent = `True ${truth}, predicted `
      + `${digit.true === digit.read ? "correctly" : read}`;
    this.picture.element.setAttribute("aria-label", `Test digit ${digit.index}, label ${truth}`);
    paint(this.picture, digit, 196);
    const bars = new Bars("Predicted probability of each class", classes);
    fill(this.bars, bars.show(digit.probabilities).element);
    this.dialog.showModal();
  }
}

/** A digit on which runs differ: what is true, and what each of them read. */
export function telling(digit, names, classes) {
  const truth = classes[digit.true];
  const predictions = digit.predictions.map(({ read, confidence }, at) => {
    const right = read === digit.true;
    return el("span", {}, `${names[at]} `,
      el("strong", { class: right ? "good" : "bad" }, `${right ? "✓" : "✗"} ${classes[read]}`),
      ` ${about(confidence)}`);
  });
  const picture = new Pixels({ label: `Test digit ${digit.index}, label ${truth}`, size: 72 });
  if (digit.pixels) paint(picture, digit, 72);
  return el("li", { class: "telling" }, digit.pixels ? picture.element : null,
    el("div", {}, el("span", { class: "soft" }, `label ${truth}`), predictions));
}
