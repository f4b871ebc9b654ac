// Calibration of a network, and its accuracy on rotated digits.

import { Chart } from "../chart.js";
import { el } from "../dom.js";
import { share } from "./words.js";

const NOTABLE = 15; // degrees

/** Accuracy by rotation of the test digits, with words. */
export function rotation(turns) {
  const near = turns.filter(({ degrees }) => Math.abs(degrees) <= NOTABLE);
  const lowest = Math.min(...near.map(({ accuracy }) => accuracy));
  const words = "Accuracy on test digits rotated by −60° to 60°. "
    + `The lowest within ±${NOTABLE}° is ${share(lowest)}.`;
  const chart = new Chart(el("div", {}), words);
  chart.show([{
    x: turns.map(({ degrees }) => degrees), y: turns.map(({ accuracy }) => accuracy), type: "scatter",
    mode: "lines+markers", line: { color: "train" }, marker: { color: "train", size: 6 }, name: "accuracy",
  }], {
    margin: { t: 8 },
    showlegend: false,
    xaxis: { title: { text: "rotation (degrees, counter-clockwise)" }, dtick: 15, range: [-62, 62] },
    yaxis: { tickformat: ".0%", range: [0, 1.02] },
    shapes: [{ type: "rect", x0: -NOTABLE, x1: NOTABLE, yref: "paper", y0: 0, y1: 1, fillcolor: "good",
      opacity: 0.14, line: { width: 0 }, layer: "below" }],
    annotations: [{ x: 0, y: 0.04, yref: "paper", showarrow: false, text: `±${NOTABLE}°`,
      font: { color: "good" } }],
  });
  return figure("Rotated digits", chart, words);
}

const figure = (title, chart, words) => el("figure", {}, el("h3", {}, title), chart.element,
  el("figcaption", { class: "soft small" }, words));

/** Accuracy against confidence, as trained and calibrated, over how many digits each point stands for. */
export function reliability({ reliability: bins, expected_calibration_error: error, exported, not_calibrated: why }) {
  const calibrated = exported?.reliability ?? null;
  const words = "Reliability diagram: on the dashed line, confidence equals accuracy. "
    + `The mean gap between them, the expected calibration error, is ${share(error)}. `
    + (calibrated ? `At temperature ${exported.temperature.toFixed(3)}, fitted on the validation digits and used in the `
      + `exported model, it is ${share(exported.expected_calibration_error)} (squares). ` : "")
    + (why ? `${why} ` : "")
    + "Below: the number of digits in each bin.";
  const confidence = bins.map((bin) => bin.confidence);
  const chart = new Chart(el("div", {}), words);
  chart.show([
    { x: [0, 1], y: [0, 1], type: "scatter", mode: "lines", line: { color: "edge", dash: "dash" },
      hoverinfo: "skip" },
    { x: confidence, y: bins.map((bin) => bin.accuracy), type: "scatter", mode: "lines+markers",
      line: { color: "train" }, marker: { color: "train", size: 8 }, name: "as trained" },
    ...(calibrated ? [{ x: calibrated.map((bin) => bin.confidence), y: calibrated.map((bin) => bin.accuracy),
      type: "scatter", mode: "lines+markers", line: { color: "good" },
      marker: { color: "good", size: 8, symbol: "square" }, name: "calibrated" }] : []),
    { x: confidence, y: bins.map((bin) => bin.count), type: "bar", width: 0.03, yaxis: "y2",
      marker: { color: "train" }, name: "samples" },
  ], {
    margin: { t: 8 },
    showlegend: false,
    xaxis: { title: { text: "confidence" }, range: [0, 1.02], tickformat: ".0%", anchor: "y2" },
    yaxis: { range: [0, 1.02], tickformat: ".0%", domain: [0.34, 1], title: { text: "accuracy" } },
    yaxis2: { type: "log", domain: [0, 0.24], tickvals: [1, 100, 10_000], ticktext: ["1", "100", "10,000"],
      title: { text: "samples" }, gridcolor: "line",
      zerolinecolor: "line", linecolor: "line", automargin: true },
  });
  return figure("Calibration", chart, words);
}
