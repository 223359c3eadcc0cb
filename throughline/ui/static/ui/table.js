// Arrows move along the rows of a table.keys, Home and End to its ends, Enter opens the row's
// first link. One row at a time is in the tab order. Without this the links do the same.
"use strict";

const rowsOf = (table) => [...table.querySelectorAll("tbody > tr")].filter((row) => row.querySelector("a[href]"));

const target = (rows, at, key) => ({
  ArrowDown: rows[at + 1],
  ArrowUp: rows[at - 1],
  Home: rows[0],
  End: rows[rows.length - 1],
})[key];

const prepare = (root) => {
  for (const table of root.querySelectorAll("table.keys")) {
    rowsOf(table).forEach((row, index) => { row.tabIndex = index === 0 ? 0 : -1; });
  }
};

document.addEventListener("keydown", (event) => {
  const row = event.target.closest("table.keys tbody > tr[tabindex]");
  if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Enter" && event.target === row) {
    row.querySelector("a[href]").click();
    return;
  }
  if (event.target.closest("input, textarea, select")) return;
  const rows = rowsOf(row.closest("table"));
  const next = target(rows, rows.indexOf(row), event.key);
  if (!next) return;
  event.preventDefault();
  row.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

prepare(document);
document.addEventListener("htmx:afterSettle", (event) => prepare(event.target.parentNode ?? document));
