// A tray that is scanned at twenty tags a second, over a connection that may go away.
//
// Each reading has a number of its own on this page and is kept in the browser until the server has answered it; it may
// be sent again as often as it takes, since the server knows it by that number. Readings of a page that was closed are
// taken along by the next page of the same tray. scan.js hears the scanner and announces "scan".
const TOGETHER_MS = 120, MOST_AT_ONCE = 100, TIMEOUT_MS = 15000, SHOWN = 30, WAITS_S = [1, 2, 4, 8, 15];
const page = document.querySelector("[data-count]");
const prefix = `count-${page.dataset.sheet}-`, client = ownName(), stored = prefix + client;
const find = (name) => page.querySelector(`[data-${name}]`);
const last = find("last"), aside = find("aside"), wait = find("wait"), finish = find("finish");
let seq = 0, unsent = [], sending = false, stopped = false, attempt = 0, timer = 0;

function ownName() { // randomUUID exists on secure pages alone
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function keep() {
  try {
    unsent.length ? localStorage.setItem(stored, JSON.stringify(unsent)) : localStorage.removeItem(stored);
  } catch { /* full, or not allowed: they are kept on the page alone, and the count of them is shown */ }
}

// What an earlier page of this tray could not send.
function adopt() {
  const left = Object.keys(localStorage).filter((name) => name.startsWith(prefix) && name !== stored);
  for (const name of left) {
    try { unsent.push(...JSON.parse(localStorage.getItem(name))); } catch { continue; }
  }
  keep();
  for (const name of left) localStorage.removeItem(name);
  if (unsent.length) soon(0);
}

const local = (number) => number.toLocaleString(document.documentElement.lang);

function tellWaiting(away) {
  wait.hidden = !(away && unsent.length);
  if (!wait.hidden) wait.textContent = wait.dataset.words.replace("%s", local(unsent.length));
}

function take(tag) {
  tag = tag.trim();
  if (!tag) return;
  const scan = { client, seq: ++seq, tag };
  unsent.push(scan);
  keep();
  show(scan);
  soon(TOGETHER_MS);
}

function show(scan) {
  const row = document.getElementById("scan-row").content.firstElementChild.cloneNode(true);
  row.dataset.scan = `${scan.client}-${scan.seq}`;
  row.querySelector("[data-tag-text]").textContent = scan.tag;
  last.prepend(row);
  while (last.children.length > SHOWN) last.lastElementChild.remove();
  find("none").hidden = true;
}

function sign(name) { return document.getElementById(`sign-${name}`).content.cloneNode(true); }

// The tag stands in the row already.
function besideTag({ tag, said }) { return said.startsWith(tag) ? said.slice(tag.length).trim() : said; }

function answered(one) {
  const row = last.querySelector(`[data-scan="${one.client}-${one.seq}"]`);
  const fine = one.verdict === "seen" || one.verdict === "again";
  if (row) {
    row.querySelector("[data-sign]").replaceChildren(sign(fine ? "seen" : "strange"));
    row.querySelector("[data-sign]").className = `count__sign ${fine ? "gain" : "warn"}`;
    row.querySelector("[data-said]").textContent = one.verdict === "again" ? find("again-word").textContent : besideTag(one);
    row.classList.toggle("count__line--strange", !fine);
  }
  if (!fine) putAside(one);
}

// It stays in sight, each tag once.
function putAside(one) {
  const known = [...aside.children].find((row) => row.dataset.tag === one.tag);
  if (known) return aside.prepend(known);
  const row = document.getElementById("scan-row").content.firstElementChild.cloneNode(true);
  row.dataset.tag = one.tag;
  row.querySelector("[data-sign]").append(sign("strange"));
  row.querySelector("[data-sign]").className = "count__sign warn";
  row.querySelector("[data-tag-text]").textContent = one.tag;
  row.querySelector("[data-said]").textContent = besideTag(one);
  row.querySelector("[data-said]").classList.remove("dim");
  aside.prepend(row);
  find("no-aside").hidden = true;
}

function figures(answer) {
  for (const name of ["seen", "expected", "scanned"]) {
    const place = find(name);
    if (place && name in answer) place.textContent = local(answer[name]);
  }
  const bar = find("bar");
  if (bar && "seen" in answer) { bar.max = Math.max(answer.expected, 1); bar.value = answer.seen; }
}

function sounds(list) {
  if (list.some((one) => !["seen", "again"].includes(one.verdict))) document.dispatchEvent(new CustomEvent("piece-refused"));
  else if (list.length) document.dispatchEvent(new CustomEvent("piece-added"));
}

function stop(why) {
  stopped = true;
  find("stopped").hidden = false;
  find("stopped-why").textContent = why;
  document.dispatchEvent(new CustomEvent("piece-refused"));
}

function soon(ms) {
  if (sending || stopped || timer) return;
  timer = setTimeout(() => { timer = 0; send(); }, ms);
}

async function send() {
  if (sending || stopped || !unsent.length) return;
  sending = true;
  const batch = unsent.slice(0, MOST_AT_ONCE);
  let again = TOGETHER_MS;
  try {
    const token = JSON.parse(document.body.getAttribute("hx-headers"));
    const answer = await fetch(page.dataset.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...token },
      body: JSON.stringify({ scans: batch }),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    const told = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
    if (answer.ok && told) done(told);
    else stop(told?.detail ?? find("signed-out").textContent);
  } catch {
    again = WAITS_S[Math.min(attempt++, WAITS_S.length - 1)] * 1000;
    tellWaiting(true);
  } finally {
    sending = false;
  }
  if (unsent.length) soon(again);
}

function done(told) {
  const known = new Set(told.acknowledged.map((one) => `${one.client}-${one.seq}`));
  unsent = unsent.filter((one) => !known.has(`${one.client}-${one.seq}`));
  keep();
  attempt = 0;
  tellWaiting(false);
  told.acknowledged.forEach(answered);
  figures(told);
  sounds(told.acknowledged);
}

document.addEventListener("scan", ({ detail }) => take(detail.tag));
document.querySelector("[data-one-tag]").addEventListener("submit", (event) => {
  event.preventDefault();
  const box = event.target.elements.tags;
  take(box.value);
  box.value = "";
  box.focus();
});
finish.addEventListener("submit", (event) => {
  if (!unsent.length) return;
  event.preventDefault();
  wait.hidden = false;
  wait.textContent = finish.dataset.words.replace("%s", local(unsent.length));
});
window.addEventListener("online", () => { clearTimeout(timer); timer = 0; attempt = 0; soon(0); });
adopt();
document.getElementById("tag").focus({ preventScroll: true });
