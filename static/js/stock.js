// Manners of a scanning page of the stock: a typed tag leaves the box once it was taken, a refused one stays to be mended.
const box = () => document.querySelector("[data-tagbox] input[name=tag]");

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const input = detail.elt.matches?.("[data-tagbox]") ? detail.elt.querySelector("input[name=tag]") : null;
  if (!input) return;
  if (detail.successful) input.value = "";
  else input.select();
  input.focus({ preventScroll: true });
});

document.addEventListener("piece-refused", () => document.querySelector("[data-tagbox]")?.classList.add("tagbox--refused"));
document.addEventListener("piece-added", () => document.querySelector("[data-tagbox]")?.classList.remove("tagbox--refused"));
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("#refused [data-dismiss]") && !document.querySelector("#refused li")) document.querySelector("[data-tagbox]")?.classList.remove("tagbox--refused");
});

// A place that is chosen by finger or mouse is taken at once; by keyboard, where each arrow is a choice, and without script
// its button does it.
let pointed = false;
document.addEventListener("pointerdown", () => { pointed = true; }, true);
document.addEventListener("keydown", () => { pointed = false; }, true);
document.addEventListener("change", ({ target }) => {
  if (pointed && target.matches(".scanpage__where select")) target.form.requestSubmit();
});

// A page that is loaded anew begins in the tag box.
box()?.focus({ preventScroll: true });
