// What was read, as text: lines, tables with their cells apart, and the pages of a file.

import { el } from "../dom.js";

/** The text of a document; of several pages, each with a button that calls `onpage(number)`. */
export function textOf({ pages }, shown, onpage) {
  if (pages.length === 1) return pageText(pages[0]);
  return pages.map((page, at) => el("section", { class: "page-text" },
    el("button", { type: "button", "aria-pressed": String(at === shown), onclick: () => onpage(at) },
      `Page ${page.number}`),
    el("div", {}, page.text ? pageText(page) : el("span", { class: "soft small" }, "nothing"))));
}

/** The text of a page: plain, or with a table where lines stand in cells. */
function pageText({ text, lines }) {
  if (!lines.some(({ cell }) => cell)) return text;
  const parts = [];
  for (const line of lines) {
    if (!line.cell) {
      if (line.text) parts.push(el("div", {}, line.text));
      continue;
    }
    const last = parts.at(-1);
    // Rows only go down: where they do not, another table begins.
    if (!Array.isArray(last) || line.cell[0] < last.at(-1).cell[0]) parts.push([]);
    parts.at(-1).push(line);
  }
  return parts.map((part) => (Array.isArray(part) ? table(part) : part));
}

/** Cells in their rows and columns; those in which nothing was found are empty. */
function table(lines) {
  const columns = 1 + Math.max(...lines.map(({ cell }) => cell[1]));
  const rows = new Map();
  for (const { cell: [row, column], text } of lines) {
    if (!rows.has(row)) rows.set(row, Array(columns).fill(""));
    const cells = rows.get(row);
    cells[column] = cells[column] ? `${cells[column]}\n${text}` : text;
  }
  return el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "A table" },
    el("table", { class: "cells" }, el("tbody", {},
      [...rows.values()].map((cells) => el("tr", {}, cells.map((text) => el("td", {}, text)))))));
}

/** What was left out of a page, in words: each reason with how often. */
export function leftOutWords(leftOut) {
  const counts = new Map();
  leftOut.forEach(({ sentence }) => counts.set(sentence, 1 + (counts.get(sentence) ?? 0)));
  return [...counts].map(([sentence, count]) => (count > 1 ? `${sentence} (${count})` : sentence)).join("; ");
}
