// Choosing many: in a part marked data-choosing, a [data-choose] names the boxes that it sets all
// at once, and says how many are chosen; a part may lie in another. Without this file the boxes
// are ticked one by one.
"use strict";

const boxesOf = (chooser) => [...chooser.closest("[data-choosing]")
  .querySelectorAll("input[type=checkbox]")].filter((box) => box.name === chooser.dataset.choose);

const count = (chooser) => {
  const boxes = boxesOf(chooser);
  const chosen = boxes.filter((box) => box.checked).length;
  const said = chooser.querySelector("[data-chosen]");
  const words = said.dataset.chosen.replace("{count}", chosen).replace("{total}", boxes.length);
  if (said.textContent !== words) said.textContent = words;
};

const countAll = () => {
  for (const chooser of document.querySelectorAll("[data-choose]")) count(chooser);
};

const set = (chooser, checked) => {
  for (const box of boxesOf(chooser)) box.checked = checked;
  // Whoever keeps a draft of the form hears of it as of a box that is ticked by hand.
  chooser.dispatchEvent(new Event("change", { bubbles: true }));
};

for (const chooser of document.querySelectorAll("[data-choose]")) {
  chooser.hidden = boxesOf(chooser).length < 2;
  chooser.querySelector("[data-all]").addEventListener("click", () => set(chooser, true));
  chooser.querySelector("[data-none]").addEventListener("click", () => set(chooser, false));
}
document.addEventListener("change", countAll);
// A page that one comes back to has its boxes as one left them.
addEventListener("pageshow", countAll);
countAll();
