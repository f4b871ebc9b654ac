// The page of runs. Its address says what it shows: all runs, one of them, or several side by side.

import { get } from "../api.js";
import { el, fill, find } from "../dom.js";
import { mountAgainst } from "../runs/against.js";
import { mountList } from "../runs/list.js";
import { mountOne } from "../runs/one.js";
import { sentence } from "../runs/words.js";

const place = find("#runs");
const names = [...new Set(new URLSearchParams(location.search).getAll("run"))];

try {
  const runs = await get("/api/runs");
  names.forEach((name) => known(name, runs));
  if (names.length === 0) mountList(place, runs);
  else if (names.length === 1) await mountOne(place, names[0]);
  else await mountAgainst(place, names, runs);
} catch (error) {
  fill(place, el("p", { class: "soft small" }, el("a", { href: "/runs" }, "All runs")),
    el("h1", {}, names.join(" vs. ") || "Runs"),
    el("p", { class: "note", role: "alert" }, sentence(error.message)));
}
place.dataset.ready = "true";

/** Raise one sentence where there is no such run, or where it cannot be shown. */
function known(name, runs) {
  const run = runs.find((one) => one.name === name);
  if (!run) throw new Error(`There is no run “${name}” here.`);
  if (run.error) throw new Error(run.error);
}
