// The sheet of a unit as one fills it in. What is typed is kept on this computer at once, by
// person and report, and goes to the server cell by cell; what colleagues change comes back. The
// server reads the numbers and decides; here one sees while typing what was understood and what
// the rules say of it (validate.js). Without this file the form is sent as a whole.

const PAUSE = 700; // ms without typing before what was typed is sent
const AGAIN = 8_000; // ms between attempts while the network is gone
const LOOK = 20_000; // ms between looks at what colleagues have changed

// -- numbers as people write them: the twin of files/numbers.py, as far as one sees it ------

const PLAIN = { "．": ".", "，": ",", "％": "%", "＋": "+", "－": "-", "−": "-", "–": "-", "﹣": "-", "‐": "-", "‑": "-", "（": "(", "）": ")" };
const SHAPE = /^(\()?([+-])?((?:\d+|[1-9]\d{0,2}([,\u00a0\u2007\u2009\u202f])\d{3}(?:\4\d{3})*)(?:\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?\s?(万亿|萬億|万|萬|亿|億)?(\s?%)?(\))?$/;
const SCALES = { 万: 1e4, 萬: 1e4, 亿: 1e8, 億: 1e8, 万亿: 1e12, 萬億: 1e12 };
const ABSENT = new Set(["-", "--", "–", "—", "——", "―", "－", "−", "/", "n/a", "na", "n.a.", "不适用"]);
const MISSING = new Set(["…", "……", "...", "..", "#n/a", "null", "缺", "缺失", "暂缺", "不详"]);

// What a text means: { value }, { absent }, or { value: null, unread: true }.
export const understood = (typed, isPercent) => {
  const text = typed.trim();
  const folded = text.toLowerCase();
  if (!text || MISSING.has(folded)) return { value: null };
  if (ABSENT.has(folded)) return { value: null, absent: true };
  const plain = [...text].map((sign) => {
    const code = sign.charCodeAt(0);
    return code >= 0xff10 && code <= 0xff19 ? String(code - 0xff10) : PLAIN[sign] ?? sign;
  }).join("");
  const found = SHAPE.exec(plain);
  const [, open, sign, digits, group, exponent, scale, percent, close] = found ?? [];
  const sound = found && Boolean(open) === Boolean(close) && !(open && sign) && !(scale && percent) && !(percent && !isPercent);
  if (!sound) return { value: null, unread: true };
  const bare = (group ? digits.replaceAll(group, "") : digits) + (exponent ?? "");
  // Shifting the point in the text keeps 0.29万 exact, which multiplying would not.
  const size = Number(scale ? `${bare}e${Math.log10(SCALES[scale])}` : bare);
  const whole = Number.isNaN(size) ? Number(bare) * SCALES[scale] : size;
  // From here on a number may have been rounded while it was read.
  if (Math.abs(whole) >= 2 ** 53) return { value: null, unread: true };
  return { value: whole && (sign === "-" || open) ? -whole : whole };
};

// A figure as it stands in its cell.
export const written = (value, decimals) => {
  if (value === null) return "";
  const own = (/\.(\d+)$/.exec(String(value)) ?? ["", ""])[1].length;
  const digits = Math.max(own, decimals);
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: Math.min(digits, 20) });
  return value < 0 ? `−${text}` : text;
};

// The cells of a block copied from a spreadsheet: rows of columns; a cell in quotes may hold
// line ends and tabs.
export const blockOf = (text) => {
  const rows = [[]];
  let at = 0;
  const clean = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replace(/\n$/, "");
  while (at <= clean.length) {
    const quoted = /^"((?:[^"]|"")*)"(?=\t|\n|$)/.exec(clean.slice(at));
    const cell = quoted ? quoted[0] : /^[^\t\n]*/.exec(clean.slice(at))[0];
    rows.at(-1).push(quoted ? quoted[1].replaceAll('""', '"') : cell);
    at += cell.length;
    if (clean[at] === "\n") rows.push([]);
    at += 1;
  }
  return rows;
};

// The column of a block that holds figures: the first in which every text is one.
export const columnOf = (rows, isPercent) => {
  const width = Math.max(...rows.map((row) => row.length));
  for (let column = 0; column < width; column += 1) {
    const texts = rows.map((row) => row[column] ?? "").filter((text) => text.trim());
    if (texts.length && texts.every((text) => !understood(text, isPercent).unread)) return column;
  }
  return width - 1;
};

const attempt = (act) => { try { return act(); } catch { return null; } };
const put = (words, named) => words.replace(/\{(\w+)\}/g, (_all, name) => named[name] ?? "");

// What is kept on this computer for a person and a report, each cell by itself, so that two
// windows of one person do not take each other's cells away.
const copyOf = ({ person, report }) => {
  const key = `sheet/${person}/${report}`;
  const read = () => attempt(() => JSON.parse(localStorage.getItem(key))) ?? { cells: {} };
  const change = (act) => attempt(() => {
    const kept = read();
    act(kept.cells);
    if (Object.keys(kept.cells).length) localStorage.setItem(key, JSON.stringify(kept));
    else localStorage.removeItem(key);
  });
  return {
    cells: () => read().cells,
    keep: (name, cell) => change((cells) => { cells[name] = cell; }),
    drop: (name) => change((cells) => { delete cells[name]; }),
    clear: () => attempt(() => localStorage.removeItem(key)),
  };
};

const start = async (form) => {
  const { sheet, language, cells: given, words } = JSON.parse(form.dataset.sheet);
  const { findings, filled } = await import(form.dataset.validate);
  const copy = copyOf(form.dataset);
  const status = form.querySelector("[data-status]");
  const counts = form.querySelector("[data-counts]");
  const why = form.querySelector("[data-why]");
  const rules = Object.fromEntries(sheet.rules.map((rule) => [rule.key, rule]));
  const required = new Set(sheet.lines.filter((line) => line.required).map((line) => line.series));
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: form.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

  const say = (text, isBad = false) => {
    status.textContent = text;
    status.classList.toggle("late", isBad);
  };

  // -- the cells: what stands in them, what the server has, what the server said of them
  const inputs = [...form.querySelectorAll("[data-cell]")];
  const cells = {};
  for (const input of inputs) {
    const key = input.dataset.cell;
    const row = input.closest("[data-row]");
    const { value, absent, note } = given[key];
    cells[key] = {
      key, input, row,
      box: form.elements[`absent-${key}`],
      area: form.elements[`note-${key}`],
      why: row.querySelector("details.why"),
      found: row.querySelector("[data-found]"),
      change: row.querySelector("[data-change]"),
      server: { value, absent, note }, // as it was last heard of
      remark: "", refused: "", told: null,
    };
  }
  const read = ({ key, input }) => understood(input.value, given[key].percent);
  const stateOf = (cell) => ({ text: cell.input.value, absent: cell.box.checked, note: cell.area.value });
  const meaning = (cell) => {
    const { value, absent } = read(cell);
    return { value: cell.box.checked ? null : value, absent: cell.box.checked || Boolean(absent), note: cell.area.value.trim() };
  };
  const same = (one, other) => one.value === other.value && one.absent === other.absent && one.note === other.note;
  const putInto = (cell, { text, absent, note }) => {
    cell.input.value = text;
    cell.box.checked = absent;
    cell.area.value = note;
    if (note) cell.why.open = true;
  };

  // -- what is said of a cell
  const shape = (level) => form.querySelector(`[data-shape=${level}]`).content.cloneNode(true);
  const element = (name, properties, ...parts) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...parts);
    return made;
  };
  const sentence = ({ series, rule, facts }) => {
    const says = rules[rule]?.says;
    if (says) return filled(says[language] || says.en || says.zh, facts, Number(cells[series].input.dataset.decimals));
    const [low, high] = [facts.low, facts.high].map((bound) => (bound === undefined ? "" : written(bound, 0)));
    const bounds = put(words[low && high ? "between" : low ? "least" : "most"], { low, high });
    return put(words[rule] ?? "", { bounds });
  };
  const goTo = (key) => element("a", { href: `#field-${key}`, onclick: (event) => {
    event.preventDefault();
    cells[key].input.focus();
  } }, put(words.goto, { label: given[key].label }));

  const saidOf = (cell, found) => {
    const said = [];
    const wrong = (text, others = []) => said.push(element("p", {}, element("span", { className: "st s-off_track" }, shape("hard"), words.hard), ` ${text} `, ...others.flatMap((key) => [goTo(key), " "])));
    if (cell.refused) wrong(cell.refused);
    else if (read(cell).unread && !cell.box.checked) wrong(words.unread);
    for (const each of found) {
      const others = each.others.filter((key) => key in cells);
      if (each.level === "hard") wrong(sentence(each), others);
      else if (cell.area.value.trim()) said.push(element("p", {}, element("span", { className: "st ink3" }, words.explained), ` ${sentence(each)} `));
      else said.push(element("p", {}, element("span", { className: "st s-at_risk" }, shape("soft"), words.soft), ` ${sentence(each)} `, ...others.flatMap((key) => [goTo(key), " "])));
    }
    if (cell.remark) said.push(element("p", { className: "ink3" }, cell.remark));
    if (cell.told) said.push(element("p", { className: "ink3" }, ...cell.told()));
    return said;
  };

  const signed = (value, digits) => {
    const text = written(value, digits);
    return Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
  };
  const changeOf = (key, value) => {
    const { before, percent } = given[key];
    if (value === null || before === null) return "";
    if (percent) {
      const digits = Number(cells[key].input.dataset.decimals);
      return signed(Number((value - before).toFixed(digits)), digits);
    }
    if (before === 0) return "";
    if (before > 0 && value >= 10 * before) return `×${written(Math.round(value / before), 0)}`;
    const by = ((value - before) / Math.abs(before)) * 100;
    const digits = Math.abs(by) >= 10 ? 0 : 1;
    return signed(Number(by.toFixed(digits)), digits) + (language === "zh" ? "%" : "\u202f%");
  };

  const render = () => {
    const all = Object.fromEntries(Object.values(cells).map((cell) => [cell.key, meaning(cell)]));
    const found = {};
    for (const each of findings(sheet, all)) (found[each.series] ??= []).push(each);
    const tally = { lines: 0, filled: 0, absent: 0, missing: 0, wrong: 0, odd: 0 };
    for (const cell of Object.values(cells)) {
      const { value, absent, note } = all[cell.key];
      const own = (found[cell.key] ?? []).filter((each) => each.rule !== "empty");
      const unread = !cell.box.checked && read(cell).unread;
      const isWrong = Boolean(cell.refused || unread || own.some((each) => each.level === "hard"));
      const isOdd = !isWrong && !absent && own.length > 0 && !note;
      cell.input.parentElement.className = `cell${isWrong ? " wrong" : absent ? " na" : isOdd ? " odd" : ""}`;
      cell.input.placeholder = absent ? words.na : "";
      cell.input.setAttribute("aria-invalid", isWrong);
      // What was asked to be explained and no longer is, closes again.
      if (isOdd) cell.why.open = true;
      else if (cell.asks && !note && !cell.why.contains(document.activeElement)) cell.why.open = false;
      cell.asks = isOdd;
      // What is said already stays: it may be what is being clicked on.
      const said = saidOf(cell, own);
      const html = said.map((each) => each.outerHTML).join("");
      if (html !== cell.said) cell.found.replaceChildren(...said);
      cell.said = html;
      cell.change.textContent = changeOf(cell.key, value);
      tally.lines += 1;
      tally.filled += value === null ? 0 : 1;
      tally.absent += absent ? 1 : 0;
      tally.missing += value === null && !absent && !unread && required.has(cell.key) ? 1 : 0;
      tally.wrong += isWrong ? 1 : 0;
      tally.odd += isOdd ? 1 : 0;
    }
    const marked = (level, name, n) => n ? [" ", element("span", { className: `st ${name}` }, shape(level), put(words[level === "hard" ? "wrong" : "odd"], { n }))] : [];
    counts.replaceChildren(element("span", {}, put(words.filled, tally)), ...marked("hard", "s-off_track", tally.wrong), ...marked("soft", "s-at_risk", tally.odd));
    const stands = [[words.missing, tally.missing], [words.wrong, tally.wrong], [words.odd, tally.odd]]
      .filter(([, n]) => n).map(([text, n]) => put(text, { n }));
    why.textContent = stands.length ? put(words.before, { what: stands.join(words.comma) }) : words.ready;
  };

  // -- keeping and sending
  let timer = 0;
  let sending = false;
  let again = false;
  let closed = false;
  let leaving = false;

  const keep = (cell) => {
    // That it is written in another way is no change of what it says.
    const says = JSON.stringify([meaning(cell), read(cell).unread ? cell.input.value : ""]);
    if (says !== cell.says) Object.assign(cell, { says, refused: "", remark: "", told: null });
    if (same(meaning(cell), cell.server) && !read(cell).unread) copy.drop(cell.key);
    else copy.keep(cell.key, { ...stateOf(cell), known: cell.server });
  };
  const later = (pause = PAUSE) => {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  };
  const changed = (cell) => {
    keep(cell);
    render();
    if (!closed) {
      say(words.saving);
      later();
    }
  };

  const token = () => form.elements.csrfmiddlewaretoken;
  const post = (body, keepalive) => fetch(form.dataset.save, {
    method: "POST",
    redirect: "manual", // being sent to sign in is a refusal, not an answer
    keepalive,
    headers: { "X-CSRFToken": token().value, "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  // After one has signed in again the page needs the new session's token; of another person's
  // session it takes none.
  const renewed = async () => {
    const answer = await fetch(form.dataset.page, { redirect: "manual" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const other = page.querySelector("form[data-sheet]");
    if (!other) return false;
    if (other.dataset.person !== form.dataset.person) {
      say(words.other, true);
      closed = true;
      return false;
    }
    token().value = other.elements.csrfmiddlewaretoken.value;
    return true;
  };

  const wanted = () => Object.fromEntries(Object.entries(copy.cells()).filter(([key]) => cells[key] && !cells[key].refused));

  const send = async ({ keepalive = false } = {}) => {
    if (closed || leaving) return;
    if (sending) {
      again = true;
      return;
    }
    sending = true;
    const sent = wanted();
    const body = { cells: {}, known: {} };
    for (const [key, { text, absent, note, known }] of Object.entries(sent)) {
      body.cells[key] = { text, absent, note };
      body.known[key] = known;
    }
    try {
      let answer = await post(body, keepalive);
      if (answer.status === 403 && await renewed()) answer = await post(body, keepalive);
      if (answer.status >= 500) throw new TypeError("the server does not answer");
      if (answer.ok) taken(sent, await answer.json());
      else await turnedAway(answer);
    } catch {
      say(words.offline, true);
      later(AGAIN);
    }
    sending = false;
    if (again) {
      again = false;
      send();
    }
  };

  const taken = (sent, answer) => {
    const who = answer.by || words.somebody;
    const seen = {};
    for (const [key, cell] of Object.entries(cells)) {
      const server = answer.cells[key] ?? { value: null, absent: false, note: "", text: "" };
      seen[key] = { text: server.text, absent: server.absent, note: server.note };
      const heard = { value: server.value, absent: server.absent, note: server.note };
      const isTyping = document.activeElement === cell.input || document.activeElement === cell.area;
      const untouched = same(meaning(cell), cell.server) && !read(cell).unread;
      if (key in sent) {
        const mine = stateOf(cell);
        const isAsSent = ["text", "absent", "note"].every((part) => mine[part] === sent[key][part]);
        if (answer.problems[key]) {
          if (isAsSent) cell.refused = answer.problems[key];
          continue;
        }
        cell.server = heard;
        if (isAsSent) {
          copy.drop(key);
          cell.remark = answer.remarks[key] ?? cell.remark;
          if (!isTyping) putInto(cell, server);
        } else {
          copy.keep(key, { ...mine, known: heard });
          again = true;
        }
        const lost = answer.replaced[key];
        if (lost) cell.told = () => replacedBy(cell, lost, who);
      } else if (!same(heard, cell.server) && untouched) {
        cell.server = heard;
        putInto(cell, server);
        cell.told = () => [put(words.changed, { who })];
        cell.row.classList.add("changed");
      }
    }
    form.elements.known.value = JSON.stringify(seen); // the form sends what differs from it
    if (answer.saved) say(put(words.saved, { time: time.format(new Date(answer.saved)) }));
    else if (!Object.keys(copy.cells()).length && (status.classList.contains("late") || status.textContent === words.saving)) say("");
    const unkept = Object.values(cells).filter((cell) => cell.refused).length;
    if (unkept) say(put(words.unkept, { n: unkept }), true);
    render();
  };

  const saying = ({ value, absent, text }) => (absent ? words.na : value === null ? words.empty : text);
  const replacedBy = (cell, lost, who) => [
    `${put(words.replaced, { who, value: saying(lost) })} `,
    element("button", { type: "button", className: "link", onclick: () => {
      const before = stateOf(cell);
      putInto(cell, lost);
      done([[cell, before]]);
      changed(cell);
      cell.input.focus();
    } }, put(words.take, { value: saying(lost) })),
  ];

  const turnedAway = async (answer) => {
    if (closed) return;
    const isTold = answer.headers.get("Content-Type")?.includes("json");
    const told = isTold ? await answer.json() : null;
    if (answer.type === "opaqueredirect" || answer.status === 401 || (answer.status === 403 && !told)) {
      say(words.session, true);
      status.append(" ", element("a", { href: form.dataset.signIn, target: "_blank" }, words.signIn));
    } else if (told && (answer.status === 409 || answer.status === 403)) {
      closed = true;
      say(put(words.closed, { why: told.message }), true);
      for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
    } else {
      say(words.refused, true);
    }
  };

  // -- undoing: what a cell, or several at once, had before
  const past = [];
  let atFocus = null;
  const done = (before) => {
    const news = before.filter(([cell, state]) => JSON.stringify(state) !== JSON.stringify(stateOf(cell)));
    if (news.length) past.push(news);
  };
  const undo = (cell) => {
    if (atFocus && JSON.stringify(atFocus) !== JSON.stringify(stateOf(cell))) {
      putInto(cell, atFocus);
      changed(cell);
      return;
    }
    const last = past.pop();
    if (!last) return;
    for (const [each, state] of last) {
      putInto(each, state);
      keep(each);
    }
    last[0][0].input.focus();
    changed(last[0][0]);
    say(words.undone);
  };

  // -- leaving a cell: it is written as it was understood
  const settle = (cell) => {
    const means = read(cell);
    const typed = cell.input.value.trim();
    if (means.absent) {
      cell.box.checked = true;
      cell.input.value = "";
    } else if (!means.unread) {
      const text = written(means.value, Number(cell.input.dataset.decimals));
      if (typed && typed.replaceAll(",", "") !== text.replaceAll(",", "") && Number(typed) !== means.value) {
        cell.remark = put(words.understood, { text: typed, value: text || words.empty });
      }
      cell.input.value = text;
    }
  };

  const move = (cell, by) => {
    const next = inputs[inputs.indexOf(cell.input) + by];
    next?.focus();
    return Boolean(next);
  };
  const about = (cell) => {
    for (const panel of document.querySelectorAll("[data-about]")) {
      panel.hidden = panel.dataset.about !== cell.key;
      if (!panel.hidden) panel.open = true;
    }
  };
  const setAbsent = (cell) => {
    const before = stateOf(cell);
    cell.box.checked = !cell.box.checked;
    if (cell.box.checked) cell.input.value = "";
    done([[cell, before]]);
    atFocus = stateOf(cell);
    changed(cell);
  };

  const paste = (cell, text) => {
    const rows = blockOf(text);
    const column = columnOf(rows, given[cell.key].percent);
    const before = [];
    const tally = { filled: 0, skipped: 0, beyond: 0 };
    const first = inputs.indexOf(cell.input);
    rows.forEach((row, at) => {
      const value = (row[column] ?? "").trim();
      const into = inputs[first + at] && cells[inputs[first + at].dataset.cell];
      if (!value) tally.skipped += 1;
      else if (!into) tally.beyond += 1;
      else {
        before.push([into, into === cell && atFocus ? atFocus : stateOf(into)]);
        into.box.checked = false;
        into.input.value = value;
        keep(into);
        settle(into);
        keep(into);
        tally.filled += 1;
      }
    });
    done(before);
    atFocus = stateOf(cell);
    render();
    later();
    const said = [put(words.pasted, { n: tally.filled })];
    if (tally.skipped) said.push(put(words.skipped, { n: tally.skipped }));
    if (tally.beyond) said.push(put(words.beyond, { n: tally.beyond }));
    if (rows.some((row) => row.length > 1)) said.push(put(words.column, { n: column + 1 }));
    say(said.join(language === "zh" ? "" : " "), tally.beyond > 0);
  };

  for (const cell of Object.values(cells)) {
    const { input, box, area } = cell;
    input.addEventListener("focus", () => {
      atFocus = stateOf(cell);
      input.select();
      about(cell);
      cell.row.classList.add("here");
      cell.row.classList.remove("changed");
    });
    input.addEventListener("blur", () => {
      cell.row.classList.remove("here");
      settle(cell);
      if (atFocus && JSON.stringify(atFocus) !== JSON.stringify(stateOf(cell))) {
        done([[cell, atFocus]]);
        keep(cell);
        render();
        later();
      }
    });
    input.addEventListener("input", () => {
      if (input.value.trim()) box.checked = false;
      changed(cell);
    });
    input.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text/plain");
      if (!/[\t\n\r]/.test(text.replace(/\r?\n$/, ""))) return; // one cell: as everywhere
      event.preventDefault();
      paste(cell, text);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
      const step = { ArrowUp: -1, ArrowDown: 1, Enter: event.shiftKey ? -1 : 1 }[event.key];
      if (isPlain && step) {
        event.preventDefault(); // Enter would send the form
        move(cell, step);
      } else if (isPlain && event.key === "Escape" && atFocus) {
        event.preventDefault();
        putInto(cell, atFocus);
        changed(cell);
        input.select();
      } else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.code === "KeyZ") {
        event.preventDefault();
        undo(cell);
      } else if (event.altKey && event.code === "KeyN") {
        event.preventDefault();
        cell.why.open = true;
        area.focus();
      } else if (event.altKey && event.code === "KeyA") {
        event.preventDefault();
        setAbsent(cell);
      }
    });
    box.addEventListener("change", () => {
      const before = { ...stateOf(cell), absent: !box.checked };
      if (box.checked) input.value = "";
      done([[cell, before]]);
      changed(cell);
    });
    area.addEventListener("focus", () => about(cell));
    area.addEventListener("input", () => changed(cell));
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" && !(event.key === "Enter" && !event.shiftKey && !event.isComposing)) return;
      event.preventDefault();
      input.focus();
      if (event.key === "Enter") move(cell, 1);
    });
    // Tab goes from cell to cell; the keys do what these do.
    box.tabIndex = -1;
    const summary = cell.why.querySelector("summary");
    summary.tabIndex = -1;
    summary.addEventListener("click", () => setTimeout(() => area.focus()));
  }

  // What was typed and not sent, from this computer.
  let isBack = false;
  for (const [key, kept] of Object.entries(copy.cells())) {
    const cell = cells[key];
    if (!cell) {
      copy.drop(key); // it is no longer asked for
      continue;
    }
    const isPosted = form.querySelector(`[name="value-${CSS.escape(key)}"]`).value === kept.text;
    putInto(cell, kept);
    if (same(meaning(cell), cell.server) && !read(cell).unread) {
      copy.drop(key);
      continue;
    }
    isBack ||= !isPosted;
    cell.server = kept.known ?? cell.server; // what one saw when one typed
  }
  if (isBack) say(words.restored);

  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    leaving = navigator.onLine;
    if (leaving) return;
    event.preventDefault(); // the page would be gone
    say(words.offline, true);
  });
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("online", () => send());
  addEventListener("offline", () => say(words.offline, true));
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    send({ keepalive: document.hidden });
  });
  setInterval(() => { if (!document.hidden && navigator.onLine && !sending) send(); }, LOOK);

  const first = Object.values(cells)[0];
  if (first) about(first);
  form.querySelector("[data-keep]")?.setAttribute("hidden", ""); // it is kept by itself
  render();
  if (Object.keys(copy.cells()).length) later(0);
  form.dataset.ready = "";
};

// Where the sheet can no longer be filled in: what is left on this computer of what one typed.
const leftovers = (place) => {
  const words = JSON.parse(place.dataset.left);
  const copy = copyOf(place.dataset);
  const lines = [];
  for (const [key, kept] of Object.entries(copy.cells())) {
    const stands = document.querySelector(`[data-stands="${CSS.escape(key)}"]`);
    const { value } = understood(kept.text, true);
    const text = kept.absent ? words.na : value === null ? kept.text : written(value, Number(stands?.dataset.decimals ?? 0));
    const note = stands?.closest("tr").querySelector("q")?.textContent ?? "";
    if (!stands || (stands.textContent.trim() === text && note === kept.note.trim())) copy.drop(key);
    else lines.push(`${stands.dataset.line}: ${[text, kept.note].filter(Boolean).join(" · ")}`);
  }
  if (!lines.length) return;
  const list = document.createElement("ul");
  list.append(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: words.discard });
  button.addEventListener("click", () => {
    copy.clear();
    place.replaceChildren();
  });
  place.className = "note";
  place.append(words.left, list, button);
};

// The time that is left, by the server's clock: by how much this computer's differs is known
// from when the page was made.
const count = (place) => {
  const words = JSON.parse(place.dataset.countdown);
  const ahead = new Date(place.dataset.now) - Date.now();
  const more = place.textContent.trim();
  const tick = () => {
    const left = Math.floor((new Date(place.dataset.due) - Date.now() - ahead) / 1000);
    const seconds = Math.abs(left);
    const parts = [[Math.floor(seconds / 86400), "d"], [Math.floor(seconds / 3600) % 24, "h"], [Math.floor(seconds / 60) % 60, "m"], [seconds % 60, "s"]];
    const from = parts.findIndex(([n]) => n > 0);
    const span = parts.slice(from < 0 ? 3 : from).map(([n, unit]) => put(words[unit], { n }))
      .join(document.documentElement.lang.startsWith("zh") ? "" : " ");
    place.textContent = [put(left > 0 ? words.in : words.past, { span }), more].filter(Boolean).join(" · ");
    place.classList.toggle("late", left <= 0);
  };
  tick();
  setInterval(tick, 1000);
};

for (const place of document.querySelectorAll("[data-countdown]")) count(place);
for (const place of document.querySelectorAll("[data-left]")) leftovers(place);
const form = document.querySelector("form[data-sheet]");
if (form) await start(form);
