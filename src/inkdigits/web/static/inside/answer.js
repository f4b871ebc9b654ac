// From logits to the answer: softmax with its temperature, and the loss once the truth is told.

import { el, fill, slider } from "../dom.js";
import { argmax, softmax } from "../learn.js";
import { frac, lines, math, mi, mn, mo, row, space, sub, sum, sup } from "../mathml.js";
import { number, percent } from "../numbers.js";
import { scrolling } from "../pieces.js";
import { full } from "./numbers.js";
import { output, REJECTS } from "./words.js";

const value = (found) => mn(number(found, 4));

const log = (of) => [mi("ln"), space("0.2em"), of];

/** new Answer(onchoose), then .show(network, truth, digit). */
export class Answer {
  constructor(onchoose) {
    this.onchoose = onchoose;
    this.body = el("tbody", {});
    this.warmth = el("div", { class: "row" });
    this.formula = scrolling("The softmax with its numbers", "formula");
    this.loss = scrolling("The loss with its numbers", "formula loss");
    this.lossSays = el("p", { class: "says" });
    this.notes = el("p", { class: "small soft" });
    const label = "From logits to the answer";
    this.element = el("div", { class: "answer-part", role: "group", "aria-label": label },
      el("h2", {}, label),
      el("p", {}, "The last layer gives a logit for each class: any number at all. Softmax raises e to each, "
        + "and divides by the sum of all."),
      el("table", { class: "logits" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "class"), el("th", { scope: "col" }, "logit"),
          el("th", { scope: "col" }, "probability"))), this.body),
      this.warmth, this.formula, this.notes, el("h3", {}, "The loss"), this.lossSays, this.loss);
  }

  /** `truth` is a digit, or null; `digit` is whose softmax is written out. */
  show(network, truth, digit) {
    const fresh = this.network?.logits.length !== network.logits.length || this.base !== network.temperature;
    Object.assign(this, { network, truth, digit });
    if (fresh) this.build(network);
    this.paint();
  }

  build(network) {
    this.base = this.temperature = network.temperature;
    const { symbols, rejects } = network.alphabet;
    this.rows = network.logits.map((_, at) => {
      const button = el("button", { type: "button", "aria-pressed": "false", disabled: at >= symbols.length,
        "aria-label": output(network, at), onclick: () => this.onchoose(at) },
      symbols[at] ?? REJECTS[rejects[at - symbols.length]][1]);
      const parts = { bar: el("span", { class: "bar" }), logit: el("span", { class: "number" }),
        fill: el("span", { class: "fill" }), share: el("span", { class: "number" }) };
      const line = el("tr", {}, el("th", { scope: "row" }, button),
        el("td", {}, el("span", { class: "cell" }, el("span", { class: "middle" }, parts.bar), parts.logit)),
        el("td", {}, el("span", { class: "cell" }, el("span", { class: "track" }, parts.fill), parts.share)));
      return { button, line, ...parts };
    });
    fill(this.body, this.rows.map(({ line }) => line));
    fill(this.warmth, slider({ label: "Temperature", min: -2, max: 2, step: 0.01, value: Math.log2(this.base),
      show: (power) => number(2 ** power, 2),
      oninput: (power) => { this.temperature = 2 ** power; this.paint(); } }));
  }

  paint() {
    const { logits } = this.network;
    const shares = softmax(logits, this.temperature);
    const most = Math.max(...logits.map(Math.abs));
    const top = argmax(shares);
    this.rows.forEach(({ button, bar, logit, fill: filled, share, line }, at) => {
      button.setAttribute("aria-pressed", String(at === this.digit));
      line.classList.toggle("top-one", at === top);
      const part = (50 * Math.abs(logits[at])) / most;
      Object.assign(bar.style, { width: `${part}%`, left: logits[at] < 0 ? `${50 - part}%` : "50%" });
      bar.classList.toggle("below", logits[at] < 0);
      logit.textContent = number(logits[at], 2);
      filled.style.width = `${100 * shares[at]}%`;
      share.textContent = percent(shares[at], shares[at] > 0.9995 ? 3 : 1);
    });
    this.paintFormula(logits, shares);
    this.paintNotes();
    this.paintLoss(logits);
  }

  paintFormula(logits, shares) {
    const { digit, temperature } = this;
    const { symbols } = this.network.alphabet;
    const tempered = Math.abs(temperature - 1) > 1e-9;
    const over = () => (tempered ? [mo("/"), mi("T")] : []);
    const power = (index) => sup(mi("e"), row(sub(mi("z"), mi(index)), ...over()));
    const raised = logits.map((logit) => Math.exp(logit / temperature));
    const all = raised.reduce((total, one) => total + one, 0);
    fill(this.formula, math(lines(
      [sub(mi("p"), mn(symbols[digit])), mo("="), frac(power(digit), row(sum(mi("k"), row()), power("k")))],
      [mo("="), frac(mn(full(raised[digit])), mn(full(all))), mo("="), value(shares[digit])])));
  }

  paintNotes() {
    const { network } = this;
    const notes = [];
    if (network.temperature !== 1) {
      notes.push(`This network's temperature is ${number(network.temperature, 3)}, set on validation digits `
        + "so that what it says with 90% is right nine times of ten.");
    }
    if (network.alphabet.rejects.length) {
      notes.push("It has more outputs than digits, and rejects by them. What a reading tells of a digit "
        + `is its share among the digits; here ${percent(network.no_symbol, 2)} are for none or several.`);
    }
    if (network.difference !== undefined) {
      notes.push("Its file reckons in eight bits; here its weights are multiplied out. On this digit that "
        + `changes no probability by more than ${network.difference.toFixed(5)}.`);
    }
    this.notes.textContent = notes.join(" ");
    this.notes.hidden = !notes.length;
  }

  paintLoss(logits) {
    const { truth, network } = this;
    this.loss.hidden = truth === null;
    if (truth === null) {
      this.lossSays.textContent = "Say what the digit is, at the top of the page, and its loss stands here.";
      return;
    }
    const twice = network.layers.at(-1).kind === "softmax";
    const once = softmax(logits);
    const share = (twice ? softmax(once) : once)[truth];
    const found = -Math.log(share);
    const floor = -Math.log(Math.E / (Math.E + logits.length - 1));
    this.lossSays.textContent = twice
      ? "The loss of this network takes a softmax of what is one already, a fault of the published system: "
        + `even a perfect answer costs ${number(floor, 4)}.`
      : "While a network learns, this is what every weight is moved to make smaller: the surprise at the "
        + "truth, at temperature 1.";
    fill(this.loss, math(lines([mi("L"), mo("="), mo("−"), ...log(sub(mi("p"), mn(network.alphabet.symbols[truth]))), mo("="),
      mo("−"), ...log(value(share)), mo("="), value(found)])));
    this.loss.dataset.loss = found;
  }
}
