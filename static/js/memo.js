// A scan ticks the piece in the list; a tag that is not there is written into the box, where it stays visible.
// scan.js hears the scanner and announces "scan". Without script one ticks and types.
const box = () => document.querySelector("textarea[data-tags]");
const ticks = () => [...document.querySelectorAll("form[data-memo] input[name=tag]")];

document.addEventListener("scan", ({ detail }) => {
  const tick = ticks().find((one) => one.value.toUpperCase() === detail.tag.toUpperCase());
  if (tick) {
    tick.checked = true;
    tick.closest("tr").scrollIntoView({ block: "nearest" });
    document.dispatchEvent(new CustomEvent("piece-added"));
  } else {
    write(detail.tag);
  }
  count();
});

function write(tag) {
  const area = box();
  if (!area) return;
  const lines = area.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const known = lines.some((line) => line.toUpperCase() === tag.toUpperCase());
  if (!known) lines.push(tag);
  area.value = lines.join("\n") + "\n";
  area.rows = Math.min(12, Math.max(4, lines.length + 1));
  document.dispatchEvent(new CustomEvent(ticks().length || known ? "piece-refused" : "piece-added"));
}

function count() {
  const out = document.getElementById("ticked-count"), all = ticks();
  if (out && all.length) out.textContent = `${all.filter((one) => one.checked).length} / ${all.length}`;
}

const every = document.querySelector("[data-tick-all]");
if (every) {
  every.hidden = false;
  every.addEventListener("click", () => { for (const one of ticks()) one.checked = true; count(); });
}
document.addEventListener("change", ({ target }) => { if (target.matches("form[data-memo] input[name=tag]")) count(); });
