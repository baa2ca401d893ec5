"use strict";
// Keys 1 to 4 score the answer that has the focus (or the first without a score) and lead to the next one. Without this script the
// radio buttons do all of it.
(() => {
  const answers = [...document.querySelectorAll(".review fieldset")];
  const open = () => answers.find((each) => !each.querySelector("input:checked"));
  document.addEventListener("keydown", (event) => {
    const at = "1234".indexOf(event.key);
    if (at < 0 || event.key === "" || event.ctrlKey || event.altKey || event.metaKey) return;
    const here = document.activeElement?.closest(".review fieldset") ?? open();
    const choice = here?.querySelectorAll("input")[at];
    if (!choice) return;
    choice.checked = true;
    event.preventDefault();
    const next = open();
    (next ? next.querySelector("input") : document.querySelector(".review button")).focus();
  });
})();
