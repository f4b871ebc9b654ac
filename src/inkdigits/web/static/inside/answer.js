// From logits to the answer: softmax with its temperature, and the loss once the truth is told.

import { el, fill, slider } from "../dom.js";
import { argmax, softmax } from "../learn.js";
import { frac, lines, math, mi, mn, mo, row, space, sub, sum, sup } from "../mathml.js";
import { likely, number, percent } from "../numbers.js";
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
    this.formula = scrolling("Softmax with the values inserted", "formula");
    this.loss = scrolling("Loss with the values inserted", "formula loss");
    this.lossSays = el("p", { class: "says" });
    this.notes = el("p", { class: "small soft" });
    const label = "From logits to probabilities";
    this.element = el("div", { class: "answer-part", role: "group", "aria-label": label },
      el("h2", {}, label),
      el("p", {}, "The last layer outputs one logit for each class, which can be any number. Softmax raises e to "
        + "each logit and divides by the sum."),
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
      share.textContent = likely(shares[at]);
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
      notes.push(`This network's temperature, ${number(network.temperature, 3)}, was fitted on validation `
        + "digits, so that predictions with 90% confidence are correct 90% of the time.");
    }
    if (network.alphabet.rejects.length) {
      notes.push("It also has classes for what it rejects. The page Read shows probabilities given that the picture is "
        + `a digit; here ${percent(network.no_symbol, 2)} go to the classes for rejection.`);
    }
    if (network.difference !== undefined) {
      notes.push("The file that reads is quantised to eight bits; shown here are the weights before. On this digit "
        + `no probability differs by more than ${network.difference.toFixed(5)}.`);
    }
    this.notes.textContent = notes.join(" ");
    this.notes.hidden = !notes.length;
  }

  paintLoss(logits) {
    const { truth, network } = this;
    this.loss.hidden = truth === null;
    if (truth === null) {
      this.lossSays.textContent = "Set the true label at the top of the page to see the loss.";
      return;
    }
    const twice = network.layers.at(-1).kind === "softmax";
    const once = softmax(logits);
    const share = (twice ? softmax(once) : once)[truth];
    const found = -Math.log(share);
    const floor = -Math.log(Math.E / (Math.E + logits.length - 1));
    this.lossSays.textContent = twice
      ? "This network's loss applies softmax to outputs that went through softmax already, a mistake of the "
        + `published system: even a perfect prediction has a loss of ${number(floor, 4)}.`
      : "Training minimises this cross-entropy: minus the logarithm of the true class's probability, at "
        + "temperature 1.";
    fill(this.loss, math(lines([mi("L"), mo("="), mo("−"), ...log(sub(mi("p"), mn(network.alphabet.symbols[truth]))), mo("="),
      mo("−"), ...log(value(share)), mo("="), value(found)])));
    this.loss.dataset.loss = found;
  }
}
