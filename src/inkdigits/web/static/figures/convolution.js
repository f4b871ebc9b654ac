// A kernel slides over the digit; pointing at the feature map shows the sum behind one value.

import { button, el, fill } from "../dom.js";
import { convolved, KERNELS, MAP } from "../kernels.js";
import { lines, math, mi, mn, mo, row, sub } from "../mathml.js";
import { onDigit } from "../mine.js";
import { number } from "../numbers.js";
import { Pixels } from "../paint.js";
import { panel } from "../pieces.js";
import { pointable } from "../point.js";

const PRESETS = { ...KERNELS, blur: Array(9).fill(0.11) };

export function mount({ figure, formula }) {
  let kernel = [...KERNELS["horizontal edges"]];
  let place = [8, 12];
  let digit = null;

  const picture = new Pixels({ label: "Your digit", size: 224 });
  const map = new Pixels({ label: "The feature map; arrow keys move over it", size: 208, rows: MAP,
    columns: MAP, kind: "signed" });
  const window3 = new Pixels({ label: "The window under the kernel", size: 84, rows: 3, columns: 3 });
  const products = new Pixels({ label: "The nine products", size: 84, rows: 3, columns: 3, kind: "signed" });
  const weights = kernel.map((weight, at) => el("input", {
    type: "number", step: "0.1", value: weight,
    "aria-label": `weight in row ${Math.floor(at / 3) + 1}, column ${(at % 3) + 1}`,
    oninput: (event) => { kernel[at] = Number(event.target.value) || 0; draw(); },
  }));
  const presets = Object.entries(PRESETS).map(([name, values]) => button(name, () => {
    kernel = [...values];
    weights.forEach((input, at) => { input.value = values[at]; });
    draw();
  }));
  const says = el("p", { class: "says", role: "status" });

  const at = (r, c) => kernel.map((_, k) => digit[28 * (r + Math.floor(k / 3)) + c + (k % 3)]);
  const value = (r, c) => at(r, c).reduce((total, pixel, k) => total + pixel * kernel[k], 0);

  function draw() {
    if (!digit) return;
    picture.show(digit);
    map.show(convolved(digit, kernel));
    point();
  }

  function point() {
    const [r, c] = place;
    const seen = at(r, c);
    const parts = seen.map((pixel, k) => pixel * kernel[k]);
    window3.show(seen);
    products.show(parts, Math.max(1, ...kernel.map(Math.abs)));
    says.textContent = `Row ${r}, column ${c}: the map value is ${number(value(r, c), 2)}.`;
    const terms = parts.map((_, k) => row(mo(k === 0 ? "=" : kernel[k] < 0 ? "−" : "+"),
      mn(number(k === 0 ? kernel[k] : Math.abs(kernel[k]), 2)), mo("·"), mn(number(seen[k], 2))));
    fill(formula, math(lines([sub(mi("y"), row(mn(r), mo(","), mn(c))), ...terms.slice(0, 3)],
      terms.slice(3, 6), [...terms.slice(6), mo("="), mn(number(value(r, c), 2))])));
  }

  pointable(map, () => place, (found) => { place = found; point(); });
  fill(figure,
    el("div", { class: "controls" }, presets),
    el("div", { class: "stage" },
      panel("your digit", picture.element),
      panel("the kernel", el("div", { class: "weights" }, weights)),
      panel("the feature map: point at it", map.element),
      panel("window under the kernel", window3.element),
      panel("products with the kernel", products.element)),
    says);
  return onDigit(({ pixels }) => { digit = pixels; draw(); });
}
