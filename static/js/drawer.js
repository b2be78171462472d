// Counting a drawer: what each row comes to, the sum of a currency, Enter goes down, a slip is printed.
// The server adds up again; without this script the form is the same, without the sums beside it.
const PERSIAN = "۰۱۲۳۴۵۶۷۸۹", ARABIC = "٠١٢٣٤٥٦٧٨٩";
const { lang, dataset: reader } = document.documentElement;
// The reader may wish other digits than those of the language.
const language = (reader.digits ? reader.digits === "arabext" : lang === "fa") ? "fa" : "en";

function fold(text) {
  const digits = [...text.trim()].map((sign) => {
    const at = Math.max(PERSIAN.indexOf(sign), ARABIC.indexOf(sign));
    return at >= 0 ? String(at) : sign === "٫" ? "." : sign === "٬" ? "," : sign;
  });
  return digits.join("").replaceAll(",", "");
}

// Sums in whole steps of the currency, so that 0.1 + 0.2 is 0.3.
function steps(text, exponent) {
  const match = /^(\d{1,15})(?:\.(\d*))?$/.exec(text);
  if (!match || (match[2] ?? "").length > exponent) return null;
  return BigInt(match[1] + (match[2] ?? "").padEnd(exponent, "0"));
}

// `least` decimals always stand, more where they say something: a toman has a tenth, and hardly ever one that is not zero.
function shown(value, exponent, least) {
  const digits = value.toString().padStart(exponent + 1, "0");
  const cut = digits.length - exponent;
  const whole = new Intl.NumberFormat(language).format(BigInt(digits.slice(0, cut)));
  const decimals = digits.slice(cut).replace(/0+$/, "").padEnd(least, "0");
  if (!decimals) return whole;
  const point = new Intl.NumberFormat(language).formatToParts(1.5).find((part) => part.type === "decimal").value;
  const fraction = [...decimals].map((sign) => new Intl.NumberFormat(language).format(Number(sign))).join("");
  return whole + point + fraction;
}

function add(drawer) {
  const exponent = Number(drawer.dataset.drawer), least = Number(drawer.dataset.drawerLeast ?? exponent);
  let sum = 0n, typed = false;
  for (const input of drawer.querySelectorAll("input")) {
    const text = fold(input.value), worth = input.dataset.worth;
    const value = !text ? 0n : worth ? times(worth, text, exponent) : steps(text, exponent);
    const out = worth && input.closest("tr").querySelector("[data-drawer-worth]");
    if (out) out.textContent = text && value !== null ? shown(value, exponent, least) : "";
    typed ||= Boolean(text);
    sum = sum === null || value === null ? null : sum + value;
  }
  drawer.querySelector("[data-drawer-total]").textContent = typed && sum !== null ? shown(sum, exponent, least) : "";
}

function times(worth, count, exponent) {
  return /^\d{1,7}$/.test(count) ? steps(worth, exponent) * BigInt(count) : null;
}

function trays() {
  const told = document.querySelector("[data-open-trays]");
  if (!told) return;
  const open = [...document.querySelectorAll("[data-tray]")].filter((input) => !input.value.trim()).length;
  told.hidden = open === 0;
  told.querySelector("output").textContent = new Intl.NumberFormat(language).format(open);
}

for (const drawer of document.querySelectorAll("[data-drawer]")) add(drawer);
trays();

document.addEventListener("input", ({ target }) => {
  const drawer = target.closest("[data-drawer]");
  if (drawer) add(drawer);
  if (target.matches("[data-tray]")) trays();
});

// Enter goes to the next figure: in the middle of a count it must not send the form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-drawer] input, [data-count] input")) return;
  event.preventDefault();
  const fields = [...event.target.form.querySelectorAll("input:not([type=hidden]), button[type=submit]")];
  fields[fields.indexOf(event.target) + 1]?.focus();
});

document.addEventListener("click", ({ target }) => { if (target.closest("[data-print]")) window.print(); });
