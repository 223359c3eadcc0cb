// Suggestions below a search field: arrows move, Enter opens the one that is marked, Escape
// closes. htmx fetches them. Without this file Enter leads to the page of the search.
"use strict";

const listOf = (field) => field.form.querySelector("[role=listbox]");
const optionsOf = (field) => [...listOf(field).querySelectorAll("[role=option]")];

const mark = (field, chosen) => {
  optionsOf(field).forEach((option, index) => {
    option.id ||= `${listOf(field).id ||= `found-${Math.random().toString(36).slice(2)}`}-${index}`;
    option.setAttribute("aria-selected", String(option === chosen));
  });
  if (chosen) {
    field.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  } else {
    field.removeAttribute("aria-activedescendant");
  }
};

const close = (field) => {
  listOf(field).replaceChildren();
  field.setAttribute("aria-expanded", "false");
  mark(field, null);
};

const next = (options, at, key) => ({
  ArrowDown: options[at + 1] ?? options[0],
  ArrowUp: options[at - 1] ?? options[options.length - 1],
})[key];

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("[data-suggests]");
  if (!field || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const options = optionsOf(field);
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "Escape" && listOf(field).hasChildNodes()) {
    event.preventDefault();
    event.stopPropagation();
    close(field);
  } else if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    options[at].click();
  } else if (options.length && next(options, at, event.key)) {
    event.preventDefault();
    mark(field, next(options, at, event.key));
  }
}, true);

document.addEventListener("htmx:afterSwap", (event) => {
  const field = event.target.closest("form")?.querySelector("[data-suggests]");
  if (!field || event.target !== listOf(field)) return;
  field.setAttribute("aria-expanded", String(event.target.hasChildNodes()));
  mark(field, null);
});

document.addEventListener("focusout", (event) => {
  const field = event.target.closest(".q")?.querySelector("[data-suggests]");
  if (field && !field.form.contains(event.relatedTarget)) close(field);
});
