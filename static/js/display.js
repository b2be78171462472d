// The display speaks the language of the customer: the page takes it over from the part that came.
document.addEventListener("htmx:afterSwap", () => {
  const part = document.getElementById("display"), page = document.documentElement;
  if (!part) return;
  page.lang = part.lang;
  page.dir = part.dir;
  window.scrollTo(0, document.body.scrollHeight); // the newest sums stand at the end
});
