// A kernel slides over the digit; pointing at the feature map shows the sum behind one value.

import { button, el, fill } from "../dom.js";
import { lines, math, mi, mn, mo, number, row, sub } from "../mathml.js";
import { onDigit } from "../mine.js";
import { Pixels, pixelAt } from "../paint.js";

const SIZE = 26; // of the map: 28 less the two pixels that a window of 3 cannot be centred on
const KERNELS = {
  "horizontal edges": [-1, -1, -1, 0, 0, 0, 1, 1, 1],
  "vertical edges": [-1, 0, 1, -1, 0, 1, -1, 0, 1],
  "strokes going down left": [-1, -1, 2, -1, 2, -1, 2, -1, -1],
  outline: [-1, -1, -1, -1, 8, -1, -1, -1, -1],
  blur: Array(9).fill(0.11),
};

export function mount({ figure, formula }) {
  let kernel = [...KERNELS["horizontal edges"]];
  let place = [8, 12];
  let digit = null;

  const picture = new Pixels({ label: "Your digit", size: 224 });
  const map = new Pixels({ label: "The feature map", size: 208, rows: SIZE, columns: SIZE, kind: "signed" });
  const window3 = new Pixels({ label: "The window under the kernel", size: 84, rows: 3, columns: 3 });
  const products = new Pixels({ label: "The nine products", size: 84, rows: 3, columns: 3, kind: "signed" });
  const weights = kernel.map((weight, at) => el("input", {
    type: "number", step: "0.1", value: weight, class: "weight",
    "aria-label": `weight in row ${Math.floor(at / 3) + 1}, column ${(at % 3) + 1}`,
    oninput: (event) => { kernel[at] = Number(event.target.value) || 0; draw(); },
  }));
  const presets = Object.entries(KERNELS).map(([name, values]) => button(name, () => {
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
    map.show(Float32Array.from({ length: SIZE ** 2 }, (_, k) => value(Math.floor(k / SIZE), k % SIZE)));
    point();
  }

  function point() {
    const [r, c] = place;
    const seen = at(r, c);
    const parts = seen.map((pixel, k) => pixel * kernel[k]);
    window3.show(seen);
    products.show(parts, Math.max(1, ...kernel.map(Math.abs)));
    says.textContent = `Row ${r}, column ${c}: the map holds ${number(value(r, c), 2)}.`;
    const terms = parts.map((_, k) => row(mo(k === 0 ? "=" : kernel[k] < 0 ? "−" : "+"),
      mn(number(k === 0 ? kernel[k] : Math.abs(kernel[k]), 2)), mo("·"), mn(number(seen[k], 2))));
    fill(formula, math(lines([sub(mi("y"), row(mn(r), mo(","), mn(c))), ...terms.slice(0, 3)],
      terms.slice(3, 6), [...terms.slice(6), mo("="), mn(number(value(r, c), 2))])));
  }

  map.element.tabIndex = 0;
  map.element.addEventListener("pointermove", (event) => {
    place = pixelAt(map.element, event) ?? place;
    point();
  });
  map.element.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    place = place.map((old, axis) => Math.min(SIZE - 1, Math.max(0, old + move[axis])));
    point();
  });

  const panel = (title, ...content) => el("div", { class: "panel" }, el("span", {}, title), ...content);
  fill(figure,
    el("div", { class: "controls" }, presets),
    el("div", { class: "stage" },
      panel("your digit", picture.element),
      panel("the kernel", el("div", { class: "weights" }, weights)),
      panel("the feature map: point at it", map.element),
      panel("what is under the kernel", window3.element),
      panel("times the kernel", products.element)),
    says);
  onDigit(({ pixels }) => { digit = pixels; draw(); });
}
