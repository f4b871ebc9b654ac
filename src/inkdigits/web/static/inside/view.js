// One network with the digit in it, from its choice to the pixels that mattered.

import { choice, el, fill } from "../dom.js";
import { argmax } from "../learn.js";
import { grouped, likely, percent } from "../numbers.js";
import { Answer } from "./answer.js";
import { look } from "./network.js";
import { Stage } from "./stage.js";
import { Strip } from "./strip.js";
import { Why } from "./why.js";

const SURE = 0.5; // the share that "none" or "several" needs to be the answer

/** new View({ networks, name, label, onchange, none }), then .show(pixels, truth). */
export class View {
  constructor({ networks, name, label, onchange, none = false }) {
    Object.assign(this, { networks, name, onchange, at: null, turn: 0 });
    const options = [...(none ? [["", "none"]] : []), ...networks.map(titled)];
    this.choice = choice({ label, value: name, options, onchange: (value) => {
      Object.assign(this, { name: value, weights: null });
      this.onchange(value);
      this.load();
    } });
    this.about = el("p", { class: "small soft about" });
    this.verdict = el("p", { class: "verdict", role: "status" });
    this.note = el("p", { class: "note", hidden: true });
    this.strip = new Strip((at) => this.open(at));
    this.stage = new Stage();
    this.answer = new Answer((digit) => this.ask(digit));
    this.why = new Why();
    this.body = el("div", { class: "body", hidden: true }, this.verdict,
      el("h2", { class: "unseen" }, "Layers"), this.strip.element, this.stage.element,
      el("div", { class: "ends-with" }, this.answer.element, this.why.element));
    this.head = el("div", { class: "row head" }, this.choice, this.about);
    this.element = el("section", { class: "view", "aria-label": label }, this.head, this.note, this.body);
  }

  show(pixels, truth) {
    const same = pixels === this.pixels;
    Object.assign(this, { pixels, truth });
    if (same && this.element.dataset.ready === "true") {
      this.answer.show(this.network, truth, this.answer.digit);
      this.showPrediction();
    } else this.load();
  }

  async load() {
    const turn = ++this.turn;
    this.element.dataset.ready = "false";
    this.body.hidden = this.body.hidden || !this.name;
    this.about.textContent = "";
    if (!this.name || !this.pixels) return;
    const found = await look(this.name, this.pixels, this.weights).catch(({ message }) => message);
    if (turn !== this.turn) return;
    const failed = typeof found === "string";
    this.note.hidden = !failed;
    if (failed) {
      this.body.hidden = true;
      fill(this.note, found);
      return;
    }
    this.take(found);
    this.element.dataset.ready = "true";
  }

  take(network) {
    const known = this.networks.find(({ name }) => name === this.name);
    const other = this.network?.layers.length !== network.layers.length || !this.weights;
    Object.assign(this, { network, weights: network.weights });
    this.body.hidden = false;
    if (other) this.at = begin(network);
    const right = known.accuracy === null ? "" : `, test accuracy ${percent(known.accuracy, 2)}`;
    this.about.textContent = `${grouped(known.parameters)} trainable parameters${right}.`;
    this.answered = argmax(network.probabilities);
    this.showPrediction();
    this.strip.show(network, this.at);
    this.stage.show(network, this.at);
    this.answer.show(network, this.truth, this.answered);
    this.why.show(this.name, this.pixels, this.answered, network.alphabet.symbols[this.answered]);
  }

  /** Open a layer. */
  open(at) {
    this.at = at;
    this.strip.choose(at);
    this.stage.show(this.network, at);
  }

  /** Ask of a class: its softmax, and which pixels mattered for it. */
  ask(digit) {
    this.answer.show(this.network, this.truth, digit);
    this.why.show(this.name, this.pixels, digit, this.network.alphabet.symbols[digit]);
  }

  showPrediction() {
    const { probabilities, no_symbol: none, several_symbols: several, alphabet } = this.network;
    const answer = alphabet.symbols[this.answered];
    const share = probabilities[this.answered];
    const label = alphabet.symbols[this.truth];
    const known = this.truth === null ? null : this.truth === this.answered;
    const words = none > SURE
      ? [el("strong", {}, several > none / 2 ? "several digits" : "no digit"),
        ` (${likely(none)}); given that it is one: ${answer}`]
      : [el("strong", {}, answer), ` (${likely(share)})`];
    const wrong = ` ✗ wrong: the label is ${label ?? "none of its classes"}`;
    const mark = known === null ? null
      : el("span", { class: known ? "good" : "bad" }, known ? " ✓ correct" : wrong);
    fill(this.verdict, "Prediction: ", ...words, mark);
  }
}

const titled = ({ name, title, recipe }) =>
  [name, name.startsWith("_") || title.startsWith(recipe) ? title : `${title} (${recipe})`];

/** The layer to begin with: the first that finds something. */
const begin = ({ layers }) =>
  Math.max(0, layers.findIndex(({ kind }) => kind.endsWith("conv") || kind === "linear"));
