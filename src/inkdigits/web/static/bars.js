// Probabilities as bars.

import { el } from "./dom.js";
import { argmax } from "./learn.js";
import { percent } from "./numbers.js";

/** Bars for the digits 0 to 9, or for other `names`: `.show(probabilities)`. */
export class Bars {
  constructor(label = "How likely each digit is", names = [..."0123456789"]) {
    this.names = names;
    this.rows = names.map((name) => ({
      name: el("span", {}, name),
      fill: el("div", { class: "fill" }),
      share: el("span", {}, ""),
    }));
    this.element = el("div", { class: "bars", role: "group", "aria-label": label },
      this.rows.map(({ name, fill, share }) => [name, el("div", { class: "track" }, fill), share]));
  }

  /** Show `candidates` as documents have them: each { value, probability }. */
  showCandidates(candidates) {
    const of = new Map(candidates.map(({ value, probability }) => [value, probability]));
    return this.show(this.names.map((name) => of.get(name) ?? 0));
  }

  show(probabilities) {
    const best = argmax(probabilities);
    this.rows.forEach(({ name, fill, share }, digit) => {
      fill.style.width = `${100 * probabilities[digit]}%`;
      share.textContent = percent(probabilities[digit]);
      name.classList.toggle("top-one", digit === best && probabilities[digit] > 0);
    });
    return this;
  }
}
