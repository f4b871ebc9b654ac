// A small network that learns in the browser: layers of units with ReLU, softmax, cross-entropy.
// Every draw comes from a seed, so a figure shows the same to everyone.

/** Numbers in [0, 1) from a seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A draw from the normal distribution. */
export const normal = (draw) =>
  Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());

/** The numbers 0 to count - 1 in a drawn order. */
export function shuffled(count, draw) {
  const order = [...Array(count).keys()];
  for (let at = count - 1; at > 0; at -= 1) {
    const other = Math.floor(draw() * (at + 1));
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

/** Probabilities from logits, at a temperature. */
export function softmax(logits, temperature = 1) {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (value) => Math.exp((value - most) / temperature));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / total);
}

/** Where the greatest value is: the class that is read. */
export const argmax = (values) => values.indexOf(Math.max(...values));

/** Steps of three optimisers: each changes `weight` by its gradient, and remembers what it needs. */
export const OPTIMISERS = {
  sgd: () => (weight, gradient, rate) => {
    for (let i = 0; i < weight.length; i += 1) weight[i] -= rate * gradient[i];
  },
  momentum: (decay = 0.9) => {
    const speeds = new Map();
    return (weight, gradient, rate) => {
      const speed = remembered(speeds, weight);
      for (let i = 0; i < weight.length; i += 1) {
        speed[i] = decay * speed[i] + gradient[i];
        weight[i] -= rate * speed[i];
      }
    };
  },
  adam: (first = 0.9, second = 0.999) => {
    const [means, squares, steps] = [new Map(), new Map(), new Map()];
    return (weight, gradient, rate) => {
      const [mean, square] = [remembered(means, weight), remembered(squares, weight)];
      const step = (steps.get(weight) ?? 0) + 1;
      steps.set(weight, step);
      for (let i = 0; i < weight.length; i += 1) {
        mean[i] = first * mean[i] + (1 - first) * gradient[i];
        square[i] = second * square[i] + (1 - second) * gradient[i] ** 2;
        const size = Math.sqrt(square[i] / (1 - second ** step)) + 1e-8;
        weight[i] -= (rate * (mean[i] / (1 - first ** step))) / size;
      }
    };
  },
};

function remembered(memory, weight) {
  if (!memory.has(weight)) memory.set(weight, new Float32Array(weight.length));
  return memory.get(weight);
}

/**
 * A network: new Network([196, 32, 10], { seed, dropout, optimiser: OPTIMISERS.adam() }).
 * `layers[l].weight` is (outputs × inputs) row by row, `layers[l].bias` (outputs).
 */
export class Network {
  constructor(sizes, { seed = 0, dropout = 0, optimiser = OPTIMISERS.sgd() } = {}) {
    Object.assign(this, { sizes, dropout, optimiser });
    this.draw = random(seed);
    this.layers = sizes.slice(1).map((outputs, l) => ({
      inputs: sizes[l],
      outputs,
      // He et al. 2015: what goes through keeps its size.
      weight: Float32Array.from({ length: outputs * sizes[l] }, () =>
        normal(this.draw) * Math.sqrt(2 / sizes[l])),
      bias: new Float32Array(outputs),
    }));
  }

  /** What each layer gives, the input first and the logits last; `masks` silence hidden units. */
  forward(input, masks = null) {
    const given = [input];
    this.layers.forEach(({ inputs, outputs, weight, bias }, l) => {
      const before = given[l];
      const last = l === this.layers.length - 1;
      const after = new Float32Array(outputs);
      for (let o = 0; o < outputs; o += 1) {
        let total = bias[o];
        for (let i = 0; i < inputs; i += 1) total += weight[o * inputs + i] * before[i];
        after[o] = last ? total : Math.max(0, total) * (masks ? masks[l][o] : 1);
      }
      given.push(after);
    });
    return given;
  }

  /** Probabilities of one input. */
  predict(input) {
    return softmax(this.forward(input).at(-1));
  }

  /**
   * Take one step on a batch: inputs and labels. Returns { loss, right }: the mean loss, and how many
   * were read right, before the step.
   */
  step(inputs, labels, rate, { smoothing = 0, decay = 0 } = {}) {
    const gradients = this.layers.map(({ weight, bias }) =>
      ({ weight: new Float32Array(weight.length), bias: new Float32Array(bias.length) }));
    let [loss, right] = [0, 0];
    inputs.forEach((input, n) => {
      const found = this.backward(input, labels[n], gradients, smoothing, inputs.length);
      loss += found.loss / inputs.length;
      right += found.right;
    });
    this.layers.forEach((layer, l) => {
      if (decay) for (let i = 0; i < layer.weight.length; i += 1) layer.weight[i] *= 1 - rate * decay;
      this.optimiser(layer.weight, gradients[l].weight, rate);
      this.optimiser(layer.bias, gradients[l].bias, rate);
    });
    return { loss, right };
  }

  /** Add what one input says to `gradients`; returns its { loss, right }. */
  backward(input, label, gradients, smoothing = 0, count = 1) {
    const masks = this.dropout ? this.masks() : null;
    const given = this.forward(input, masks);
    const shares = softmax(given.at(-1));
    const classes = shares.length;
    const wanted = shares.map((_, c) => smoothing / classes + (c === label ? 1 - smoothing : 0));
    let error = Float32Array.from(shares, (share, c) => (share - wanted[c]) / count);
    for (let l = this.layers.length - 1; l >= 0; l -= 1) {
      const { inputs, outputs, weight } = this.layers[l];
      const before = given[l];
      const back = new Float32Array(inputs);
      for (let o = 0; o < outputs; o += 1) {
        if (error[o] === 0) continue;
        gradients[l].bias[o] += error[o];
        for (let i = 0; i < inputs; i += 1) {
          gradients[l].weight[o * inputs + i] += error[o] * before[i];
          back[i] += error[o] * weight[o * inputs + i];
        }
      }
      // ReLU passes back what it let through; a silenced unit passes nothing.
      if (l > 0) error = back.map((value, i) => before[i] > 0 ? value * (masks ? masks[l - 1][i] : 1) : 0);
    }
    const loss = -wanted.reduce((total, want, c) => total + want * Math.log(Math.max(shares[c], 1e-12)), 0);
    return { loss, right: Number(argmax(shares) === label) };
  }

  masks() {
    const kept = 1 - this.dropout;
    return this.sizes.slice(1, -1).map((size) =>
      Float32Array.from({ length: size }, () => (this.draw() < kept ? 1 / kept : 0)));
  }

  /** Mean loss and accuracy on digits it does not learn from here. */
  evaluate(inputs, labels) {
    let [loss, right] = [0, 0];
    inputs.forEach((input, n) => {
      const shares = this.predict(input);
      loss -= Math.log(Math.max(shares[labels[n]], 1e-12)) / inputs.length;
      right += argmax(shares) === labels[n];
    });
    return { loss, accuracy: right / inputs.length };
  }
}

/**
 * Learn bit by bit, so that the page stays alive: run(step, show) calls `step()` until it returns
 * false, and `show()` once a frame. Returns what stops it.
 */
export function run(step, show, milliseconds = 12) {
  let going = true;
  const frame = () => {
    if (!going) return;
    const end = performance.now() + milliseconds;
    while (going && performance.now() < end) going = step() !== false;
    show();
    if (going) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return () => { going = false; };
}
