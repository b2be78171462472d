// What we know of the connection, said in four states: online, slow, offline, outcome unknown.
//
// A request that could not be sent, or was answered 502, 503 or 504, is tried again after 1, 2, 4, 8, 15 seconds (a fifth
// more or less, so that tills do not come back all at once), if repeating it is harmless: it reads, or it carries an
// idempotency key, which is sent again as it was. A form with data-outcome="URL" (Finish sale) that was sent and got no
// answer, or a gateway's, is in the fourth state: nobody may take payment again; the URL is asked until it knows. It answers
// 200 with the finished page's part, 204 while nobody knows yet, 404 when nothing was recorded.
const WAITS_S = [1, 2, 4, 8, 15], SLOW_MS = 4000, READ_TIMEOUT_MS = 8000, WRITE_TIMEOUT_MS = 15000;
const KEY_FIELD = "idempotency_key", KEY_HEADER = "Idempotency-Key";
const shown = document.getElementById("link-state");
let state = "online", attempt = 0, timer = 0, ticker = 0, waiting = [], failed = new Map(), slow = new Set();

function show(next) {
  state = next;
  document.documentElement.dataset.link = next;
  if (shown) {
    shown.querySelector(".link-state__word").textContent = shown.dataset[next];
    shown.querySelector(".dot").className = next === "online" ? "dot" : next === "slow" ? "dot dot--warn" : "dot dot--off";
    shown.classList.toggle("only-wide", next === "online");
  }
  const away = next === "offline" || next === "unknown";
  for (const word of document.querySelectorAll("[data-link-word]")) {
    word.textContent = away ? word.dataset.offline : word.dataset.online;
    word.previousElementSibling?.classList.toggle("dot--off", away);
  }
  hold(away);
}

// Buttons that move money wait, and say why; whatever else disabled them is put back afterwards.
function hold(on) {
  for (const button of document.querySelectorAll("[data-money]")) {
    if (on && !button.dataset.held) {
      button.dataset.held = `${button.getAttribute("aria-disabled") ?? ""}|${button.getAttribute("aria-describedby") ?? ""}`;
      button.setAttribute("aria-disabled", "true");
      button.setAttribute("aria-describedby", "why-offline");
    } else if (!on && button.dataset.held) {
      const [disabled, described] = button.dataset.held.split("|");
      delete button.dataset.held;
      disabled ? button.setAttribute("aria-disabled", disabled) : button.removeAttribute("aria-disabled");
      described ? button.setAttribute("aria-describedby", described) : button.removeAttribute("aria-describedby");
    }
  }
}

function banner(name) {
  for (const old of document.querySelectorAll("[data-link-banner]")) old.remove();
  const template = name && document.getElementById(`banner-${name}`);
  const place = document.getElementById("notices") ?? document.getElementById("main");
  if (!template || !place) return null;
  const made = template.content.firstElementChild.cloneNode(true);
  const clock = made.querySelector("[data-clock]");
  if (clock) clock.textContent = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  made.querySelector("[data-try-now]")?.addEventListener("click", () => { clearTimeout(timer); again(); });
  place.prepend(made);
  return made;
}

function harmless(config) {
  return config.verb === "get" || config.parameters[KEY_FIELD] !== undefined || KEY_HEADER in config.headers;
}

function lost(detail) {
  const config = detail.requestConfig;
  if (config && harmless(config)) failed.set(detail.elt, config);
  if (state === "offline" || state === "unknown") return;
  show("offline");
  attempt = 0;
  banner("offline");
  plan();
}

function plan() {
  const seconds = WAITS_S[Math.min(attempt++, WAITS_S.length - 1)] * (0.8 + Math.random() * 0.4);
  const due = Date.now() + seconds * 1000, words = document.querySelector("[data-link-banner] [data-again]");
  clearInterval(ticker);
  const count = () => { if (words) words.textContent = words.dataset.words.replace("%s", (Math.max(0, Math.ceil((due - Date.now()) / 1000))).toLocaleString(document.documentElement.lang)); };
  count();
  ticker = setInterval(count, 1000);
  timer = setTimeout(again, seconds * 1000);
}

async function again() {
  clearInterval(ticker);
  try {
    const answer = await fetch("/health/ready/", { cache: "no-store", signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
    if (!answer.ok) return plan();
  } catch {
    return plan();
  }
  back();
}

function back() {
  clearTimeout(timer);
  clearInterval(ticker);
  banner(null);
  show("online");
  const repeat = failed;
  failed = new Map();
  for (const [element, config] of repeat) {
    if (!document.contains(element)) continue;
    const headers = KEY_HEADER in config.headers ? { [KEY_HEADER]: config.headers[KEY_HEADER] } : {};
    const values = config.parameters instanceof FormData ? Object.fromEntries(config.parameters) : { ...config.parameters };
    htmx.ajax(config.verb.toUpperCase(), config.path, { source: element, target: config.target, values, headers });
  }
  for (const done of waiting.splice(0)) done();
}

// Sent, and no answer: only the server knows.
async function findOut(form) {
  show("unknown");
  banner("unknown");
  const key = form.elements[KEY_FIELD]?.value ?? "";
  const url = `${form.dataset.outcome}?key=${encodeURIComponent(key)}`;
  for (let round = 0; ; round++) {
    await new Promise((done) => setTimeout(done, WAITS_S[Math.min(round, 3)] * 1000));
    let answer;
    try {
      answer = await fetch(url, { headers: { "HX-Request": "true" }, cache: "no-store", signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
    } catch {
      continue;
    }
    if (answer.status === 200) {
      banner(null);
      show("online");
      htmx.swap(form.getAttribute("hx-target") || "#main", await answer.text(), { swapStyle: form.getAttribute("hx-swap") || "innerHTML" });
      return;
    }
    if (answer.status === 404) {
      show("online");
      banner("unrecorded");
      return;
    }
  }
}

document.addEventListener("link-wait", (event) => {
  if (state === "offline" || state === "unknown") event.detail.ready = new Promise((done) => waiting.push(done));
});

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  detail.xhr.timeout = detail.requestConfig.verb === "get" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS;
  const wait = setTimeout(() => { slow.add(detail.xhr); if (state === "online") show("slow"); }, SLOW_MS);
  detail.xhr.addEventListener("loadend", () => {
    clearTimeout(wait);
    slow.delete(detail.xhr);
    if (state === "slow" && !slow.size) show("online");
  });
});
// The server has no database, or what stands before it has no server. What it says instead is no part of a page: nothing is
// swapped, so that the sale and the form that is to be sent again stay where they are.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { detail } = event, { status } = detail.xhr;
  if (status !== 502 && status !== 503 && status !== 504) return;
  event.preventDefault();
  const form = detail.elt.closest("form[data-outcome]");
  // 503 is our own word for an undone piece of work; from a gateway nobody knows what was done.
  form && status !== 503 ? findOut(form) : lost(detail);
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    const form = detail.elt.closest("form[data-outcome]");
    // sendError before any byte went out cannot be told from one after; Finish is asked after, never repeated blindly.
    form ? findOut(form) : lost(detail);
  });
}
document.addEventListener("htmx:afterSwap", () => hold(state === "offline" || state === "unknown"));
window.addEventListener("online", () => { if (state === "offline") { clearTimeout(timer); again(); } });
