// Probabilities as bars.

import { el, fill } from "./dom.js";
import { argmax } from "./learn.js";
import { likely } from "./numbers.js";

/** Bars for `names`, such as the symbols of an alphabet: `.show(probabilities)`. */
export class Bars {
  constructor(label, names = []) {
    this.element = el("div", { class: "bars", role: "group", "aria-label": label });
    this.build(names);
  }

  build(names) {
    this.names = names;
    this.rows = names.map((name) => ({
      name: el("span", {}, name),
      fill: el("div", { class: "fill" }),
      share: el("span", {}, ""),
    }));
    fill(this.element,
      this.rows.map(({ name, fill: filled, share }) => [name, el("div", { class: "track" }, filled), share]));
  }

  /** Show `candidates` as documents have them, each { value, probability }: a bar for each symbol. */
  showCandidates(candidates) {
    const names = candidates.map(({ value }) => value).sort((a, b) => order(a) - order(b));
    if (names.length && names.join() !== this.names.join()) this.build(names);
    const of = new Map(candidates.map(({ value, probability }) => [value, probability]));
    return this.show(this.names.map((name) => of.get(name) ?? 0));
  }

  show(probabilities) {
    const best = argmax(probabilities);
    this.rows.forEach(({ name, fill: filled, share }, at) => {
      filled.style.width = `${100 * probabilities[at]}%`;
      share.textContent = likely(probabilities[at]);
      name.classList.toggle("top-one", at === best && probabilities[at] > 0);
    });
    return this;
  }
}

/** Digits come first, in their order. */
const order = (value) => (/^\d$/.test(value) ? Number(value) - 10 : value.codePointAt(0));
