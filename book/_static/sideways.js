// What moves sideways on a phone can be reached by keys.
addEventListener("DOMContentLoaded", () => {
  if (!matchMedia("(max-width: 600px)").matches) return;
  for (const box of document.querySelectorAll("article p:has(> img), .cell_output:has(img)")) box.tabIndex = 0;
});
