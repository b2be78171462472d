// Hear the scanner, whatever has the focus and whatever the keyboard's layout.
//
// A scanner is a keyboard that types a tag in under 50 ms a key and ends with Enter or Tab. Physical keys are read, so a
// Persian layout gives the same tag; slow typing is left alone. A tag that was read is announced as the event "scan", and
// what it typed into a field is taken back out.
const GAP_MS = 60, SHORTEST = 5; // scanners: under 50 ms a key; people: about 100
const KEY = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9])|(Minus|NumpadSubtract))$/;
let keys = "", last = 0, field = null, before = null;

function forget() { keys = ""; field = before = null; }

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return forget();
  if (event.key === "Shift") return;
  const fast = event.timeStamp - last <= GAP_MS;
  last = event.timeStamp;
  if (event.key === "Enter" || event.key === "Tab") {
    if (fast && keys.length >= SHORTEST) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (field) { field.value = before.value; field.setSelectionRange(before.start, before.end); }
      document.dispatchEvent(new CustomEvent("scan", { detail: { tag: keys } }));
    }
    return forget();
  }
  const match = KEY.exec(event.code); // the physical key: the layout does not matter
  if (!match) return forget();
  if (!fast) {
    forget();
    const at = event.target;
    if (at.matches("input[type=text], input[type=search], input:not([type]), textarea")) {
      field = at;
      before = { value: at.value, start: at.selectionStart, end: at.selectionEnd };
    }
  }
  keys += match[1] ?? match[2] ?? "-";
}, true);

// Scans wait for each other, so five tags in two seconds make five lines in the order they were read; without a
// connection they wait for it. network.js answers "link-wait" with a promise.
let queue = Promise.resolve();

function connected() {
  const asked = new CustomEvent("link-wait", { detail: { ready: Promise.resolve() } });
  document.dispatchEvent(asked);
  return asked.detail.ready;
}

function pendingRow(tag) {
  const template = document.getElementById("pending-line"), lines = document.getElementById("lines");
  if (!template || !lines) return null;
  const row = template.content.firstElementChild.cloneNode(true);
  row.querySelector("[data-tag]").textContent = tag;
  lines.prepend(row);
  return row;
}

// What waits outlives a reload of the page: a tag that was heard is on the sale, or refused, or still here.
const KEPT = "scans-waiting";

function waiting() {
  try { return JSON.parse(sessionStorage.getItem(KEPT)) ?? []; } catch { return []; }
}

function keep(tags) {
  try { tags.length ? sessionStorage.setItem(KEPT, JSON.stringify(tags)) : sessionStorage.removeItem(KEPT); } catch { /* a full or forbidden store: the queue of this page is all there is */ }
}

function heard(tag) {
  const tags = waiting(), at = tags.indexOf(tag);
  if (at >= 0) keep([...tags.slice(0, at), ...tags.slice(at + 1)]);
}

const tagBox = () => document.querySelector("form[data-tagbox][hx-post]");

document.addEventListener("scan", ({ detail: { tag } }) => {
  if (!tagBox()) return searchFor(tag);
  keep([...waiting(), tag]);
  send(tag);
});

function send(tag) {
  const row = pendingRow(tag);
  queue = queue
    .then(connected)
    .then(() => {
      const form = tagBox(); // only now: the answer to the scan before may have brought a new one
      return htmx.ajax("POST", form.getAttribute("hx-post"), { source: form, values: { tag }, swap: form.getAttribute("hx-swap") || "none" });
    })
    .catch(() => {}) // a refusal and a lost connection have their own rows; the next tag must not wait for them
    .then(() => { heard(tag); row?.remove(); });
}

if (tagBox()) for (const tag of waiting()) send(tag);

// On a page without a tag box a scan searches: stock finds the piece.
function searchFor(tag) {
  const input = document.querySelector("input[type=search]");
  if (!input) return;
  input.value = tag;
  input.form ? input.form.requestSubmit() : input.dispatchEvent(new Event("input", { bubbles: true }));
}
