// The counter's manners: what stays open and focused while parts are swapped, and what Enter does not do.
const IN_MONEY = "#money";
const HOLD = ".money__hold"; // the counter is clear after it, so the next thing is a tag
let fromMoney = false, openLine = null, quiet = false; // of the request under way
let pressed = null; // the address of what was opened by a press, until no answer is under way that knows nothing of it

const inside = (element, selector) => element instanceof Element && element.closest(selector) !== null;
// Somebody has changed what the page said: an amount that merely has the focus is renewed with the sum.
const typedInto = (one) => one.matches("select") || one.value !== one.defaultValue;

// Enter takes payments and adds tags; a sale is finished by F9 or by a press, since the Enter of a scanner comes unasked.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.id === "finish") event.preventDefault();
});

const kindShown = (part) => part.querySelector("[aria-current]")?.dataset.pay;

// A payment that is being typed keeps what was typed when the sum under it changes, unless it was sent itself. Of another kind
// it is left alone as a whole.
function keepTyped(form, coming) {
  if (kindShown(coming) !== kindShown(form)) return false;
  for (const one of form.querySelectorAll("input:not([type=hidden]), select")) {
    if (!typedInto(one)) continue;
    const next = coming.querySelector(`[name="${one.name}"]`);
    if (!next) return false;
    next.value = one.value;
  }
  return true;
}
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  quiet = detail.elt.id === "news"; // nobody pressed anything: nothing takes the focus
  fromMoney = inside(detail.elt, IN_MONEY) && !inside(detail.elt, HOLD);
  openLine = document.querySelector("#lines details[open]")?.closest("li")?.id ?? null;
  if (inside(detail.elt, "#lines a, #money a")) pressed = detail.requestConfig.path;
  else if (detail.requestConfig.verb === "post" && !inside(detail.elt, "[data-tagbox]")) pressed = null; // what was opened has been sent
});
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail, typing = document.activeElement;
  if (target.id === "pay-form" && inside(typing, "#pay-form input, #pay-form select") && typedInto(typing) && !fromMoney) event.detail.shouldSwap = keepTyped(target, fragment);
  // And so is a form that somebody stands in, while the page only asks whether it is still true.
  if (quiet && (target.contains(typing) || target.querySelector("[data-focus-form]")) && target.id !== "news") event.detail.shouldSwap = false;
  // A kind that was pressed is not taken back by an answer to what came before it, unless that refuses a payment.
  const kind = pressed && new URL(pressed, location).searchParams.get("pay");
  if (target.id === "pay-form" && kind && kindShown(fragment) !== kind && !fragment.querySelector(".input--error")) event.detail.shouldSwap = false;
});

// The line that was open stays open, unless a new piece or a form wants the place.
function keepOpen() {
  const lines = document.getElementById("lines");
  if (!openLine || !lines || lines.querySelector("[data-fresh], [data-editing]")) return;
  const wanted = lines.querySelector(`#${openLine} details`);
  if (!wanted) return;
  for (const other of lines.querySelectorAll("details[open]")) if (other !== wanted) other.open = false;
  wanted.open = true;
}

// One line open at a time. Not <details name>: a part that is swapped in beside its old self would come in closed.
document.addEventListener("toggle", ({ target }) => {
  if (!target.open || !target.matches("#lines details")) return;
  for (const other of document.querySelectorAll("#lines details[open]")) if (other !== target) other.open = false;
}, true);

// After each answer the focus is in the form that opened, else in the money where one was, else in the tag box.
document.addEventListener("htmx:afterSettle", () => {
  keepOpen();
  if (quiet) return;
  const form = document.querySelector("[data-focus-form]"), at = document.activeElement;
  if (form && !form.contains(at)) { (form.querySelector(".input--error input, .input--error select") ?? form.querySelector("input:not([type=hidden])")).focus(); return; }
  if (form) return;
  // What is paid by something with a number asks for the number first.
  const box = document.getElementById("tag"), amount = document.querySelector("#pay-form [data-first]") ?? document.getElementById("amount");
  const free = !at || at === document.body || at === box; // app.js may have been here before
  if (free && fromMoney && amount) { amount.focus({ preventScroll: true }); amount.select?.(); }
  else if (free || !inside(at, IN_MONEY)) box?.focus({ preventScroll: true });
});

// A typed tag leaves the box once it was heard; a refused one stays, to be mended.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const box = detail.elt.matches?.("[data-tagbox]") ? detail.elt.querySelector("input[name=tag]") : null;
  if (!box) return;
  if (detail.successful) box.value = "";
  else box.select();
});
document.addEventListener("piece-refused", () => document.querySelector("[data-tagbox]")?.classList.add("tagbox--refused"));
document.addEventListener("piece-added", () => document.querySelector("[data-tagbox]")?.classList.remove("tagbox--refused"));
document.addEventListener("click", ({ target }) => {
  if (inside(target, "#refused [data-dismiss]") && !document.querySelector("#refused li")) document.querySelector("[data-tagbox]")?.classList.remove("tagbox--refused");
});

// What the server could not answer is said, not passed over. A sign-in elsewhere makes this page's token stale: a fresh page
// has a new one, and the sale lies on the counter still.
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 403) { location.reload(); return; }
  const words = document.getElementById("banner-broken"), place = document.getElementById("trouble");
  if (words && place) place.replaceChildren(words.content.firstElementChild.cloneNode(true));
});

// Rows of refused tags outlive the start of a new sale: they stay until somebody dismisses them.
let kept = [];
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "main" && detail.shouldSwap) kept = [...document.querySelectorAll("#refused > li")];
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "main") return;
  document.getElementById("refused")?.append(...kept);
  kept = [];
});

// The page as the server knows it now, with what was just opened here or the kind of payment that is chosen.
function refresh() {
  const url = document.getElementById("refresh")?.dataset.refresh;
  const form = document.getElementById("pay-form"), kind = form && kindShown(form);
  if (url) htmx.ajax("GET", pressed ?? (kind ? `${url}?pay=${kind}` : url), { source: "#refresh", swap: "none" });
}

// Answers to requests that overlapped may overtake each other, and one whose form was replaced meanwhile changes nothing at all:
// once all are in, the page is made true.
let underWay = 0, overlapped = false;
document.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (underWay++) overlapped = true;
  detail.xhr.addEventListener("loadend", () => {
    if (--underWay) return;
    setTimeout(overlapped ? refresh : () => { if (!underWay) pressed = null; }); // after the last answer was swapped in
    overlapped = false;
  });
});

// And so it is after the connection was away: another browser may stand at this till.
let link = document.documentElement.dataset.link;
new MutationObserver(() => {
  const now = document.documentElement.dataset.link;
  if (now === "online" && (link === "offline" || link === "unknown")) refresh();
  link = now;
}).observe(document.documentElement, { attributeFilter: ["data-link"] });

// On a phone the bar over the navigation goes while the money is in sight.
const bar = () => document.getElementById("paybar");
if (window.IntersectionObserver) {
  const watcher = new IntersectionObserver((seen) => { for (const one of seen) bar()?.classList.toggle("paybar--away", one.isIntersecting); }, { rootMargin: "0px 0px -30% 0px" });
  const watch = () => { const money = document.getElementById("pay"); if (money) watcher.observe(money); };
  document.addEventListener("htmx:afterSwap", ({ detail }) => { if (detail.target.id === "main") watch(); });
  watch();
}

// Customers that were found: the arrows go through them, Enter takes the one in focus, and from the first one up is the box.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const picks = [...document.querySelectorAll("#sums .pick")], box = document.getElementById("find");
  if (!picks.length || !(event.target === box || picks.includes(event.target))) return;
  event.preventDefault();
  const to = picks.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
  (to < 0 ? box : picks[Math.min(to, picks.length - 1)]).focus();
});
