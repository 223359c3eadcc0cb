// Small courtesies of every page. Nothing depends on them.
"use strict";

// A menu closes when one goes elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// "/" finds, unless one is typing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("[data-search]");
  if (!search || search.offsetParent === null) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// On a narrow screen long parts begin folded; the one that the address names stands open.
const unfold = () => {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named && named.matches("details.fold")) {
    named.open = true;
    named.scrollIntoView();
  }
};
if (matchMedia("(max-width: 700px)").matches) {
  for (const part of document.querySelectorAll("details[data-fold]")) part.open = false;
}
unfold();
addEventListener("hashchange", unfold);
// Printing is the browser's; without scripts its own menu does it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
// Paper has no folds.
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.fold, details.more")) part.open = true;
});
