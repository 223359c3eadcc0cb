// What is wrong with a sheet of figures while it is typed, also where the network drops: the twin
// of `findings` and `stops` in reporting/rules/validating.py, which decides when it is submitted.
// `sheet` is what `as_json` there gives; `cells` are { value, absent, note } by series.

const NOISE = 1e-9;
const WHOLE = 2 ** 53;
const FINE = 2 ** -51;

const cellOf = (cells, series) => (Object.hasOwn(cells, series) ? cells[series] : {});

// The figure that rules may use, or null.
const valueOf = (cells, series) => {
  const { value, absent } = cellOf(cells, series);
  return absent || !Number.isFinite(value) ? null : value;
};

// What the signs of a formula do. Of equal numbers the first counts, as there.
const SIGNS = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => (right === 0 ? null : left / right),
  min: (left, right) => (right < left ? right : left),
  max: (left, right) => (right > left ? right : left),
};

// A formula's value; null where a part has none, or where it leaves what a figure can be. A tree
// is a number or a key by itself, or a sign with its parts (a function may have one part only).
const evaluate = ([head, ...parts], cells) => {
  if (typeof head === "number") return head;
  if (parts.length === 0) return valueOf(cells, head);
  return parts.map((part) => evaluate(part, cells)).reduce((left, right) => {
    const found = left === null || right === null ? null : SIGNS[head](left, right);
    return Number.isFinite(found) ? found : null;
  });
};

// Whether a comparison holds; null where a part has no value.
const holds = (comparison, cells, tolerance) => {
  const left = evaluate(comparison.left, cells);
  const right = evaluate(comparison.right, cells);
  if (left === null || right === null) return null;
  const noise = NOISE * Math.max(Math.abs(left), Math.abs(right));
  switch (comparison.sign) {
    case "<=": return left <= right + noise;
    case "<": return left < right - noise;
    case ">=": return left >= right - noise;
    case ">": return left > right + noise;
    case "=": return Math.abs(left - right) <= tolerance + noise;
    default: return Math.abs(left - right) > tolerance + noise;
  }
};

const finer = (value, shift) => {
  const shifted = value * shift;
  if (Math.abs(shifted) >= WHOLE) return false;
  return Math.abs(shifted - Math.floor(shifted + 0.5)) > Math.abs(shifted) * FINE;
};

const builtIn = (line, cell) => {
  const finding = (rule, facts = {}) => ({ series: line.series, level: "hard", rule, others: [], facts });
  if (cell.absent) return [];
  const value = cell.value ?? null;
  if (value === null) return line.required ? [finding("empty")] : [];
  const found = [];
  const { low, high } = line;
  const finite = Number.isFinite(value);
  if (!finite || (low !== null && value < low) || (high !== null && value > high)) {
    const facts = {};
    if (low !== null) facts.low = low;
    if (high !== null) facts.high = high;
    found.push(finding("range", facts));
  }
  if (finite && finer(value, line.shift)) found.push(finding("decimals", { decimals: line.decimals }));
  return found;
};

const unusual = (rule, value) => {
  if (rule.spread !== 0) return Math.abs(value - rule.median) > rule.factor * rule.spread;
  if (rule.median === 0) return Math.abs(value) > rule.factor * rule.most;
  const times = value / rule.median;
  return times > rule.factor || times * rule.factor < 1;
};

// The facts of what a rule finds, or null where it finds nothing.
const CHECKS = {
  must(rule, value, cells) {
    if (rule.condition && !holds(rule.condition, cells, rule.half)) return null;
    if (holds(rule.must, cells, rule.half) !== false) return null;
    return { left: evaluate(rule.must.left, cells), right: evaluate(rule.must.right, cells) };
  },
  history(rule, value) {
    if (!unusual(rule, value)) return null;
    const times = rule.median === 0 ? Infinity : value / rule.median;
    const facts = { median: rule.median, count: rule.count };
    return Number.isFinite(times) ? { ...facts, times } : facts;
  },
  peers(rule, value) {
    return CHECKS.history(rule, value);
  },
  unchanged(rule, value) {
    return value === rule.last && rule.run + 1 >= rule.periods ? { periods: rule.run + 1 } : null;
  },
};

// All that is to be said of a sheet, in the order of its lines; of one line first what is built
// in, then its rules as they are listed. Of a figure that is wrong nobody is asked why it is
// unusual: what is soft is told once what is hard is mended.
export const findings = (sheet, cells) => {
  const found = [];
  for (const line of sheet.lines) {
    const here = builtIn(line, cellOf(cells, line.series));
    const value = valueOf(cells, line.series);
    for (const rule of value === null ? [] : sheet.rules) {
      const facts = rule.series === line.series ? CHECKS[rule.kind](rule, value, cells) : null;
      if (facts) here.push({ series: rule.series, level: rule.level, rule: rule.key, others: rule.others, facts: { value, ...facts } });
    }
    const hard = here.filter((each) => each.level === "hard");
    found.push(...(hard.length ? hard : here));
  }
  return found;
};

// What keeps a sheet from being submitted: what is hard, and what is soft and not explained.
export const stops = (found, cells) => found.filter(
  (each) => each.level === "hard" || !(cellOf(cells, each.series).note ?? "").trim(),
);

const FINER = 2;
const COUNTS = new Set(["count", "periods"]);

const number = (value, decimals) => {
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals + FINER });
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
};

// A rule's sentence with the numbers that it names, with the decimals of its line or a few more:
// the twin of `numbers_of` in reporting/validation.py.
export const filled = (sentence, facts, decimals) => sentence.replace(/\{([^{}]*)\}/g, (braced, name) => (
  Object.hasOwn(facts, name) ? number(facts[name], COUNTS.has(name) ? 0 : decimals) : braced
));
