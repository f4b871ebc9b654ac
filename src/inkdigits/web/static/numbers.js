// How numbers are written: with a true minus, in thousands, in percent.

/** A number as people write it. */
export function number(value, places = 3) {
  const size = Math.abs(value);
  let shown = value.toFixed(places);
  if (Number.isInteger(value)) shown = String(value);
  else if (size !== 0 && (size >= 1e5 || size < 10 ** -places)) shown = value.toExponential(1);
  return shown.replace("-", "−");
}

/** A number with exactly so many places; what is rounded to 0 has no sign. */
export const fixed = (value, places) => value.toFixed(places).replace(/^-(?=0[.0]*$)/, "").replace("-", "−");

/** A number rounded to hundredths, without needless noughts. */
export const hundredths = (value) => number(Math.round(100 * value) / 100, 2);

/** A learning rate in two figures: 0.0123 as "0.012". */
export const twoFigures = (rate) => String(Number(rate.toPrecision(2)));

/** 279402 as "279,402". */
export const grouped = (value) => value.toLocaleString("en-GB");

/** 0.987 as "98.7%". */
export const percent = (share, places = 1) => `${(100 * share).toFixed(places)}%`;

/** A probability that nobody should take for certainty: "98.7%", but ">99.9%". */
export const likely = (share) => (share > 0.999 ? ">99.9%" : percent(share));

/** The same in few letters: "98%", and never "100%", but ">99%". */
export const about = (share) => (share > 0.995 ? ">99%" : percent(share, 0));
