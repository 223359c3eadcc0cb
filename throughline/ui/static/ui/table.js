// Arrows move along the rows of a table.keys, Home and End to its ends, Enter opens the row's
// first link, or the one marked data-enter. In a tree the right arrow opens a row and the left
// one closes it, or goes to the row that it lies in. One row at a time is in the tab order.
// Without this the links do the same.
"use strict";

const rowsOf = (table) => [...table.querySelectorAll("tbody > tr")].filter((row) => row.querySelector("a[href]"));

const target = (rows, at, key) => ({
  ArrowDown: rows[at + 1],
  ArrowUp: rows[at - 1],
  Home: rows[0],
  End: rows[rows.length - 1],
})[key];

// The row that an opened one lies in: the last opened one before it that is less deep.
const depth = (row) => Number(/\bd(\d)\b/.exec(row.className)?.[1] ?? 0);
const above = (rows, row) =>
  rows.slice(0, rows.indexOf(row)).reverse().find((each) => depth(each) < depth(row));

const prepare = (root) => {
  for (const table of root.querySelectorAll("table.keys")) {
    rowsOf(table).forEach((row, index) => { row.tabIndex = index === 0 ? 0 : -1; });
  }
};

document.addEventListener("keydown", (event) => {
  const row = event.target.closest("table.keys tbody > tr[tabindex]");
  if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Enter" && event.target === row) {
    (row.querySelector("a[data-enter]") ?? row.querySelector("a[href]")).click();
    return;
  }
  if (event.target.closest("input, textarea, select")) return;
  const rows = rowsOf(row.closest("table"));
  const turn = { ArrowRight: "a[data-open]", ArrowLeft: "a[data-close]" }[event.key];
  const link = turn && row.querySelector(turn);
  if (link) {
    event.preventDefault();
    link.click();
    return;
  }
  const next = event.key === "ArrowLeft" ? above(rows, row) : target(rows, rows.indexOf(row), event.key);
  if (!next) return;
  event.preventDefault();
  row.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

prepare(document);
document.addEventListener("htmx:afterSettle", (event) => prepare(event.target.parentNode ?? document));
