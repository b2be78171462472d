// Small manners of every page: keys, menus, buttons that are busy or not now, amounts, what can be dismissed.
// No words live here: they come from the page, which speaks the reader's language.
const FIELD = "input, textarea, select, [contenteditable]";
const PERSIAN = "۰۱۲۳۴۵۶۷۸۹", ARABIC = "٠١٢٣٤٥٦٧٨٩";

// -- keys: data-key="F2" on a field takes the focus there, on a button presses it ------------------------------------
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const typing = event.target.matches(FIELD);
  if (event.key === "Escape") return leave(event, typing);
  if (event.altKey || event.metaKey || event.shiftKey) return;
  const undo = event.ctrlKey && event.code === "KeyZ";
  if (event.ctrlKey && !undo) return;
  if (undo && typing && event.target.value) return; // in a field that holds text, the browser's own undo
  if (event.key === "/" && typing) return;
  const name = undo ? "Control+Z" : event.key;
  const at = name === "/" ? document.querySelector('[data-key="/"], input[type=search]') : lastShown(`[data-key="${CSS.escape(name)}"]`);
  if (!at) return;
  event.preventDefault();
  if (at.matches(FIELD)) { at.focus(); at.select?.(); } else { at.click(); }
});

function lastShown(selector) {
  return [...document.querySelectorAll(selector)].filter((one) => one.offsetParent !== null).pop();
}

function leave(event, typing) {
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); event.preventDefault(); } else if (typing) event.target.blur();
}

// -- menus close when the page is pressed elsewhere ------------------------------------------------------------------
document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
});

// -- buttons ---------------------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const button = event.target.closest("button, a");
  if (!button) return;
  if (button.getAttribute("aria-disabled") === "true") { event.preventDefault(); event.stopImmediatePropagation(); return sayWhyNot(button); }
  if (button.matches("[data-dismiss]")) return dismiss(button);
  if (button.matches("[data-fill]")) return fill(button);
  if (button.matches("[data-ask]") && asks(button)) { event.preventDefault(); event.stopImmediatePropagation(); }
}, true);

// What is not now says why where it would ask: to a reader of the screen its description alone is not visible.
function sayWhyNot(button) {
  const out = document.getElementById(button.dataset.askOut), why = document.getElementById(button.getAttribute("aria-describedby"));
  if (out && why) out.textContent = why.textContent;
}

function dismiss(button) {
  const gone = button.closest("[data-dismissable]"), next = gone.nextElementSibling?.querySelector("[data-dismiss]");
  gone.remove();
  (next ?? document.querySelector("[data-tagbox] input[name=tag]") ?? document.getElementById("main"))?.focus();
}

// <button data-fill="3500.00" data-into="amount">3,500</button>
function fill(button) {
  const input = document.getElementById(button.dataset.into);
  input.value = button.dataset.fill;
  group(input);
  input.focus();
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

// <button data-ask="%s tags were not added. Finish without them?" data-ask-while="#refused li" data-ask-out="ask">: the first
// press asks while such rows stand, the second goes on.
function asks(button) {
  const rows = document.querySelectorAll(button.dataset.askWhile).length;
  if (!rows || button.dataset.asked === String(rows)) return false;
  button.dataset.asked = String(rows);
  document.getElementById(button.dataset.askOut).textContent = button.dataset.ask.replace("%s", rows.toLocaleString(persianDigits() ? "fa" : "en"));
  return true;
}

function busy(button, on) {
  if (!button?.dataset?.busy) return;
  const word = button.querySelector(".btn__word") ?? button;
  if (on) { button.dataset.word ??= word.textContent; word.textContent = button.dataset.busy; button.setAttribute("aria-busy", "true"); return; }
  if (button.dataset.word !== undefined) word.textContent = button.dataset.word;
  button.removeAttribute("aria-busy");
}
document.addEventListener("submit", (event) => {
  const button = event.submitter ?? event.target.querySelector("[data-busy]");
  if (button?.getAttribute("aria-busy") === "true") { event.preventDefault(); return; } // a second press changes nothing
  // After the form was read: a button that changes while it is read would not be sent.
  setTimeout(() => { if (!event.defaultPrevented || event.target.closest("[hx-post]")) busy(button, true); });
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  for (const button of detail.elt.querySelectorAll?.("[aria-busy=true]") ?? []) busy(button, false);
});
window.addEventListener("pageshow", () => { for (const button of document.querySelectorAll("[data-busy][aria-busy]")) busy(button, false); });

// -- amounts: three alphabets of digits are read, thousands grouped on leaving. data-amount is the number of decimals: up to
//    three are always written out (money, grams), more only as typed (rates). What cannot be read stays, for the server to refuse.
function fold(text) {
  return text.replace(/[۰-۹]/g, (sign) => PERSIAN.indexOf(sign)).replace(/[٠-٩]/g, (sign) => ARABIC.indexOf(sign))
    .replace(/٫/g, ".").replace(/[٬،]/g, ",").replace(/[\s\u200e\u200f\u2066-\u2069]/g, "");
}

// The reader may wish other digits than those of the language.
function persianDigits() {
  const { lang, dataset } = document.documentElement;
  return dataset.digits ? dataset.digits === "arabext" : lang === "fa";
}

function group(input) {
  const places = Number(input.dataset.amount), text = fold(input.value);
  if (!/^(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.\d*)?$/.test(text)) return;
  const [whole, fraction = ""] = text.replace(/,/g, "").split(".");
  if (fraction.length > places) return;
  const head = whole.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ",");
  // data-amount-least: fewer are written out than may be typed (a toman's tenth is a rial).
  const decimals = places <= 3 ? fraction.padEnd(Number(input.dataset.amountLeast ?? places), "0") : fraction;
  const plain = decimals ? `${head}.${decimals}` : head;
  input.value = persianDigits()
    ? plain.replace(/[0-9]/g, (sign) => PERSIAN[sign]).replace(/,/g, "٬").replace(".", "٫") : plain;
}
document.addEventListener("focusout", ({ target }) => { if (target.matches("input[data-amount]")) group(target); });

// -- after a part of the page was changed ----------------------------------------------------------------------------
function settle() {
  const at = document.activeElement, box = document.querySelector("[data-tagbox] input[name=tag]");
  // Not on touch, where the focus would open the keyboard over the page; a scanner is heard without it.
  if (box && (at === document.body || !at) && matchMedia("(pointer: fine)").matches) box.focus({ preventScroll: true });
  for (const toast of document.querySelectorAll("[data-toast]:not([data-timed])")) expire(toast);
}

// Eight seconds, and longer while it is looked at.
function expire(toast) {
  toast.dataset.timed = "";
  const end = () => (toast.matches(":hover, :focus-within") ? setTimeout(end, 2000) : toast.remove());
  setTimeout(end, 8000);
}
document.addEventListener("htmx:afterSettle", settle);
settle();
document.querySelector("[data-focus-first]")?.focus();
