// Ten probabilities as bars.

import { el } from "./dom.js";

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
    const best = probabilities.indexOf(Math.max(...probabilities));
    this.rows.forEach(({ name, fill, share }, digit) => {
      fill.style.width = `${100 * probabilities[digit]}%`;
      share.textContent = percent(probabilities[digit]);
      name.classList.toggle("top-one", digit === best);
    });
    return this;
  }
}

/** A probability that nobody should take for certainty: "98.7%", but "over 99.9%". */
export const likely = (share) => (share > 0.999 ? "over 99.9%" : percent(share));

/** The same in few letters: "98%", and never "100%". */
export const about = (share) => `${Math.min(99, Math.round(100 * share))}%`;

/** 0.987 as "98.7%". */
export const percent = (share, places = 1) => `${(100 * share).toFixed(places)}%`;
