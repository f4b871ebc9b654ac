// Pieces of a page that many widgets are made of.

import { el } from "./dom.js";

/** Something with a title over it; the title, words or an element, is its first child. */
export const panel = (title, ...content) =>
  el("div", { class: "panel" }, typeof title === "string" ? el("span", {}, title) : title, ...content);

/** A part of a figure, under a heading. */
export const part = (title, ...content) => el("section", { class: "part" }, el("h3", {}, title), ...content);

/** What may be wider than its place, of a class: it scrolls by itself, by keys too. */
export const scrolling = (label, name, ...content) =>
  el("div", { class: name, tabindex: 0, role: "group", "aria-label": label }, ...content);
