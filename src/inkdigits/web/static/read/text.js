// What was read, as text: lines, tables with their cells apart, and the pages of a file.

import { el } from "../dom.js";
import { about, likely } from "../numbers.js";

const DOUBTFUL = 0.8; // less sure lines stand out

/** The text of a document; of several pages, each with a button that calls `onpage(number)`. */
export function textOf({ pages }, shown, onpage) {
  if (pages.length === 1) return pageText(pages[0]);
  return pages.map((page, at) => el("section", { class: "page-text" },
    el("button", { type: "button", "aria-pressed": String(at === shown), onclick: () => onpage(at) },
      `Page ${page.number}`),
    el("div", {}, page.text ? pageText(page) : el("span", { class: "soft small" }, "nothing read"))));
}

/** The text of a page: a line a line, with its value and how sure it is; tables as tables. */
function pageText({ lines }) {
  const parts = [];
  const shown = lines.filter(({ text, cell }) => text || cell);
  const alone = shown.length === 1;
  for (const line of shown) {
    if (!line.cell) {
      parts.push(el("div", { class: "line" }, lineText(line, alone)));
      continue;
    }
    const last = parts.at(-1);
    // Rows only go down: where they do not, another table begins.
    if (!Array.isArray(last) || line.cell[0] < last.at(-1).cell[0]) parts.push([]);
    parts.at(-1).push(line);
  }
  return parts.map((part) => (Array.isArray(part) ? table(part) : part));
}

/** A line: what is written, what that is as a number, date or time, how likely all its digits are right. */
function lineText({ text, value, value_type: type, confidence }, alone) {
  if (!text) return null;
  // A time says by itself what it is.
  const other = value !== null && value !== text && type !== "time" && el("span", { class: "value", title: `Value, as a ${type}` },
    `= ${value.replace(/^-/, "−")}`);
  const sure = !alone && el("span", { class: confidence < DOUBTFUL ? "sure doubtful" : "sure",
    title: `Probability of being correct: ${likely(confidence)}` }, about(confidence));
  return [el("b", {}, text), other || null, sure || null];
}

/** Cells in their rows and columns; those in which nothing was found are empty. */
function table(lines) {
  const columns = 1 + Math.max(...lines.map(({ cell }) => cell[1]));
  const rows = new Map();
  for (const line of lines) {
    const [row, column] = line.cell;
    if (!rows.has(row)) rows.set(row, Array.from({ length: columns }, () => []));
    if (line.text) rows.get(row)[column].push(el("div", { class: "line" }, lineText(line)));
  }
  return el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table" },
    el("table", { class: "cells" }, el("tbody", {},
      [...rows.values()].map((cells) => el("tr", {}, cells.map((inside) => el("td", {}, inside)))))));
}

/** How a page was rotated to be read, in words; empty if it was not. */
export function rotatedWords({ rotation, mirrored }) {
  const turns = ((rotation % 360) + 360) % 360;
  const angle = `${Math.round(10 * Math.min(turns, 360 - turns)) / 10}°`;
  const way = turns === 180 ? "" : turns < 180 ? " clockwise" : " counterclockwise";
  const words = [mirrored ? "mirrored" : "", turns ? `rotated by ${angle}${way}` : ""].filter(Boolean);
  return words.length ? `The stored picture was ${words.join(" and ")}.` : "";
}

/** What was left out of a page, in words: each reason with how often. */
export function leftOutWords(leftOut) {
  const counts = new Map();
  leftOut.forEach(({ sentence }) => counts.set(sentence, 1 + (counts.get(sentence) ?? 0)));
  return [...counts].map(([sentence, count]) => (count > 1 ? `${sentence} (${count})` : sentence)).join("; ");
}
