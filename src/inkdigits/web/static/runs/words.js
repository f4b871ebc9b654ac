// How the figures of runs are said: shares, times, counts, and commands to copy.

import { announce, button, el } from "../dom.js";
import { grouped, percent } from "../numbers.js";

const DASH = "–";

/** 0.9972 as "99.72%"; what is not known is a dash. */
export const share = (value, places = 2) =>
  value === null || value === undefined ? DASH : percent(value, places);

/** An interval in percent: "99.60% to 99.81%". */
export const interval = ({ low, high }) => `${share(low)} to ${share(high)}`;

/** 279402 as "279,402"; what is not known is a dash. */
export const count = (value) =>
  value === null || value === undefined ? DASH : grouped(value);

/** "1 digit", "3 digits". */
export const many = (value, noun) => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** A time as a person says it: "2.3 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || seconds === 0) return DASH;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** How long ago a moment was: "just now", "5 min ago", "3 h ago", then its date. */
export function ago(moment) {
  const minutes = (Date.now() - new Date(moment).getTime()) / 60_000;
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${Math.floor(minutes)} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return new Date(moment).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** The address of the page of one run, or of several side by side. */
export const address = (...names) =>
  `/runs?${new URLSearchParams(names.map((name) => ["run", name]))}`;

/** Where the interface tells of a run. */
export const ask = (name, rest = "") => `/api/runs/${encodeURIComponent(name)}${rest}`;

/** A sentence of the server, whose `commands` are set as such. */
export const sentence = (text) =>
  text.split("`").map((part, at) => (at % 2 ? el("code", {}, part) : part)).filter((part) => part !== "");

/** A command that can be copied. */
export function command(text, what) {
  const copy = navigator.clipboard && button("Copy", async () => {
    const done = await navigator.clipboard.writeText(text).then(() => "Copied", () => "Not copied");
    announce(done);
    copy.textContent = done;
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  }, { class: "small", "aria-label": `Copy the command: ${text}` });
  return el("div", { class: "command" }, what && el("span", { class: "soft" }, what),
    el("div", { class: "row" }, el("code", {}, text), copy || null));
}

/** Whether a run learns, has ended, or waits to go on: a word with a mark. */
export function state({ live, finished, epochs, planned }) {
  let [word, kind] = [epochs ? "interrupted" : "not started", "waits"];
  if (live) [word, kind] = ["training", "live"];
  else if (finished) [word, kind] = [epochs < planned ? "stopped early" : "finished", "ended"];
  return el("span", { class: `state ${kind}` }, word);
}
