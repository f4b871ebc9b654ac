// A feature map before and after the bend: ReLU, its relatives, and none.

import { Chart } from "../chart.js";
import { choice, el, fill, slider } from "../dom.js";
import { convolved, KERNELS, MAP } from "../kernels.js";
import { fence, frac, lines, math, mi, mn, mo, row } from "../mathml.js";
import { onDigit } from "../mine.js";
import { hundredths, number } from "../numbers.js";
import { Pixels } from "../paint.js";
import { panel } from "../pieces.js";
import { framed, pointable } from "../point.js";

// What comes out, how steep it is there, and how it is written.
const BENDS = {
  ReLU: [(z) => Math.max(0, z), (z) => Number(z > 0), (z) => maximum(mn(0), z)],
  "leaky ReLU": [(z) => Math.max(0.1 * z, z), (z) => (z > 0 ? 1 : 0.1),
    (z) => maximum(row(mn(0.1), mo("·"), z), z)],
  tanh: [Math.tanh, (z) => 1 - Math.tanh(z) ** 2, (z) => row(mi("tanh"), fence("("), z, fence(")"))],
  none: [(z) => z, () => 1, (z) => z],
};

const maximum = (low, z) => row(mi("max"), fence("("), low, mo(","), z.cloneNode(true), fence(")"));

export function mount({ figure, formula }) {
  let [kernel, bend, bias] = ["horizontal edges", "ReLU", 0];
  let [digit, before, after] = [null, [], []];
  let place = [8, 14];

  const maps = ["before", "after"].map((when) => new Pixels({ kind: "signed", rows: MAP, columns: MAP,
    label: `The map ${when}; arrow keys move over it`, size: 208 }));
  const frames = maps.map(framed);
  const plot = el("div", { class: "bend" });
  const chart = new Chart(plot, "Output by input, a dot for each value of the map");
  const says = el("p", { class: "says", role: "status" });
  let waiting = false;

  function draw() {
    if (!digit) return;
    before = convolved(digit, KERNELS[kernel], bias);
    after = before.map(BENDS[bend][0]);
    const most = Math.max(1, ...before.map(Math.abs));
    maps[0].show(before, most);
    maps[1].show(after, bend === "tanh" ? 1 : most);
    point();
  }

  function point() {
    const index = MAP * place[0] + place[1];
    const [z, y] = [before[index], after[index]];
    frames.forEach((frame) => frame.mark(place));
    says.textContent = summary(place, before, after);
    fill(formula, worked(z, y, bias, bend));
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; drawChart(); });
  }

  function drawChart() {
    const index = MAP * place[0] + place[1];
    const most = Math.ceil(Math.max(...before.map(Math.abs), 1));
    const along = Array.from({ length: 101 }, (_, at) => (most * (at - 50)) / 50);
    const axis = { range: [-1.08 * most, 1.08 * most], fixedrange: true, zerolinecolor: "edge" };
    chart.show([
      { x: along, y: along.map(BENDS[bend][0]), mode: "lines", line: { color: "soft", width: 1.5 } },
      { x: before, y: after, mode: "markers", marker: { color: "accent", size: 7, opacity: 0.25 } },
      { x: [before[index]], y: [after[index]], mode: "markers",
        marker: { color: "minus", size: 13, symbol: "diamond", line: { color: "paper", width: 2 } } },
    ], {
      showlegend: false, hovermode: false, dragmode: false, margin: { l: 44, r: 6, t: 6, b: 44 },
      xaxis: { ...axis, title: { text: "input" } }, yaxis: { ...axis, title: { text: "output" } },
    });
  }

  maps.forEach((map) => pointable(map, () => place, (found) => { place = found; point(); }));
  const names = (object) => Object.keys(object).map((name) => [name, name]);
  fill(figure,
    el("div", { class: "controls tight" },
      choice({ label: "Kernel", options: names(KERNELS), value: kernel,
        onchange: (name) => { kernel = name; draw(); } }),
      choice({ label: "Activation", options: names(BENDS), value: bend,
        onchange: (name) => { bend = name; draw(); } }),
      slider({ label: "Bias", min: -3, max: 3, step: 0.1, value: 0, show: (value) => number(value, 1),
        oninput: (value) => { bias = value; draw(); } })),
    el("div", { class: "stage" },
      panel("before: point at it", frames[0].element), panel("after", frames[1].element), plot),
    says);
  return onDigit(({ pixels }) => { digit = pixels; draw(); });
}

function summary([r, c], before, after) {
  const total = (values) => hundredths(values.reduce((a, b) => a + b, 0));
  const index = MAP * r + c;
  const silent = after.filter((value) => Math.abs(value) < 1e-6).length;
  return `Row ${r}, column ${c}: ${hundredths(before[index])} becomes ${hundredths(after[index])}. `
    + `${silent} of ${after.length} values are 0 now. The sum of all values is ${total(before)} before `
    + `and ${total(after)} after.`;
}

function worked(z, y, bias, bend) {
  const [, slope, written] = BENDS[bend];
  const value = mn(hundredths(z));
  return math(lines(
    [mi("z"), mo("="), mn(hundredths(z - bias)), mo(bias < 0 ? "−" : "+"), mn(number(Math.abs(bias), 1)),
      mo("="), mn(hundredths(z))],
    [mi("y"), mo("="), written(value), mo("="), mn(hundredths(y))],
    [frac(row(mi("d"), mi("y")), row(mi("d"), mi("z"))), mo("="), mn(hundredths(slope(z)))]));
}
