// The page Inside: a digit, and one network or two that look at it.

import { el, fill, find } from "../dom.js";
import { listNetworks } from "../inside/network.js";
import { mountSource } from "../inside/source.js";
import { View } from "../inside/view.js";

const views = find("#views");
const asked = new URLSearchParams(location.search);
const state = { network: asked.get("network"), with: asked.get("with"), digit: asked.get("digit") };

/** Keep what is looked at in the address, so that it can be sent to somebody. */
function keep(change) {
  Object.assign(state, change);
  const query = new URLSearchParams(Object.entries(state).filter(([, value]) => value));
  history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
}

try {
  const networks = await listNetworks();
  // Of an ensemble its first member.
  const known = (name, otherwise) =>
    networks.find((one) => one.name === name || one.name === `${name}+1`)?.name ?? otherwise;
  const first = new View({
    networks,
    label: "Network",
    name: known(state.network, networks[0].name),
    onchange: (network) => keep({ network }),
  });
  const second = new View({
    networks,
    label: "Compare with",
    name: known(state.with, ""),
    none: true,
    onchange: (name) => {
      keep({ with: name });
      arrange();
    },
  });
  // The second choice stands beside the first until there is something to show for it.
  const arrange = () => {
    const two = second.name !== "";
    const focused = second.choice.contains(document.activeElement);
    views.classList.toggle("two", two);
    second.element.hidden = !two;
    if (two) second.head.prepend(second.choice);
    else first.head.append(second.choice);
    if (focused) find("select", second.choice).focus();
  };
  fill(views, first.element, second.element);
  arrange();
  const { symbols } = networks.reduce((most, one) => (one.symbols.length > most.symbols.length ? one : most));
  const [of, index] = (state.digit ?? "mine:0").split(":");
  await mountSource(
    find("#source"),
    { of, index: Math.max(0, Math.trunc(Number(index)) || 0), symbols },
    ({ pixels, truth, query }) => {
      keep({ digit: query });
      first.show(pixels, truth);
      second.show(pixels, truth);
    },
  );
} catch (error) {
  fill(views, el("p", { class: "note" }, error.message));
}
