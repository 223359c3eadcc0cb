// Saves a form marked data-draft-url as one types, and says when. Where the network is gone, the
// text stays on this computer, for this person and form, and is sent when the network is back.
// Files and passwords are never kept. Without this file the form works; it only saves no draft.
"use strict";

const PAUSE = 800; // ms without typing before a draft is sent
const AGAIN = 10_000; // ms between attempts while the network is gone

const kept = (field) => field.name && !["password", "file", "submit", "button"].includes(field.type)
  && field.name !== "csrfmiddlewaretoken";

/** The content of a form: each name with the list of its values. */
const contentOf = (form) => {
  const content = {};
  for (const field of [...form.elements].filter(kept)) {
    const values = content[field.name] ??= [];
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) values.push(field.value);
    } else if (field.multiple) {
      values.push(...[...field.selectedOptions].map((option) => option.value));
    } else {
      values.push(field.value);
    }
  }
  return content;
};

const isEmpty = (content) => !Object.values(content).flat().some(Boolean);

/** Puts content back into the form; fields it does not name stay as they are. */
const fill = (form, content) => {
  const left = structuredClone(content);
  for (const field of [...form.elements].filter(kept)) {
    const values = left[field.name];
    if (!values) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      field.checked = values.includes(field.value);
    } else if (field.multiple) {
      for (const option of field.options) option.selected = values.includes(option.value);
    } else if (values.length) {
      field.value = values.shift();
    }
  }
};

/** This computer's copy of one form of one person; a browser that refuses storage has none. */
const copyOf = ({ draftPerson, draftForm }) => {
  const key = `draft/${draftPerson}/${draftForm}`;
  const attempt = (act) => { try { return act(); } catch { return null; } };
  return {
    read: () => attempt(() => JSON.parse(localStorage.getItem(key))),
    keep: (content) => attempt(() => localStorage.setItem(key, JSON.stringify(content))),
    drop: () => attempt(() => localStorage.removeItem(key)),
  };
};

const clockTime = (instant, timeZone) => new Intl.DateTimeFormat("en-GB", {
  timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
}).format(new Date(instant));

const watch = (form) => {
  const status = form.querySelector("[data-draft-status]");
  const copy = copyOf(form.dataset);
  let timer = 0;
  let sending = false;
  let waiting = false;

  const say = (words) => { if (status) status.textContent = words ?? ""; };
  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  };

  const post = (content) => fetch(form.dataset.draftUrl, {
    method: "POST",
    redirect: "manual", // being sent to sign in is a refusal, not an answer
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
    body: new URLSearchParams({
      form: form.dataset.draftForm,
      title: form.dataset.draftTitle,
      url: location.pathname + location.search,
      content: JSON.stringify(isEmpty(content) ? {} : content), // {} removes the draft
    }),
  });

  const send = async () => {
    if (sending) {
      waiting = true;
      return;
    }
    sending = true;
    const content = contentOf(form);
    copy.keep(content); // until the server has it
    try {
      const answer = await post(content);
      if (answer.status >= 500) throw new TypeError("the server does not answer");
      if (answer.ok) {
        if (!waiting) copy.drop();
        const { saved } = await answer.json();
        say(saved && status?.dataset.saved.replace("{time}", clockTime(saved, status.dataset.zone)));
      } else {
        say(status?.dataset.refused);
      }
    } catch {
      say(status?.dataset.kept);
      later(AGAIN);
    }
    sending = false;
    if (waiting) {
      waiting = false;
      send();
    }
  };

  form.addEventListener("input", () => later(PAUSE));
  form.addEventListener("change", () => later(PAUSE));
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    if (navigator.onLine) copy.drop();
    else copy.keep(contentOf(form));
  });
  window.addEventListener("online", () => { if (copy.read()) send(); });

  const unsent = copy.read();
  if (unsent) {
    fill(form, unsent);
    say(status?.dataset.restored);
    later(PAUSE);
  }
};

for (const form of document.querySelectorAll("form[data-draft-url]")) watch(form);
