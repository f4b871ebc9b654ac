// Ten probabilities as bars.

import { el } from "./dom.js";
import { argmax } from "./learn.js";
import { percent } from "./numbers.js";

/** Bars for the digits 0 to 9: `.show(probabilities)`. */
export class Bars {
  constructor(label = "How likely each digit is") {
    this.rows = [...Array(10).keys()].map((digit) => ({
      name: el("span", {}, String(digit)),
      fill: el("div", { class: "fill" }),
      share: el("span", {}, ""),
    }));
    this.element = el("div", { class: "bars", role: "group", "aria-label": label },
      this.rows.map(({ name, fill, share }) => [name, el("div", { class: "track" }, fill), share]));
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
