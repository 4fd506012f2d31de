// The pane's heading: when a source is opened it comes into view and takes the keyboard, so that reading goes on here.
export default function ({ data, parentElement }) {
  const heading = parentElement.querySelector(".heading");
  heading.textContent = data.text;
  if (heading.dataset.token === String(data.token)) return;
  heading.dataset.token = String(data.token);
  requestAnimationFrame(() => {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    heading.focus({ preventScroll: true });
    const below = window.matchMedia("(max-width: 640px)").matches; // there the pane stands below the answer
    heading.scrollIntoView({ block: below ? "start" : "nearest", behavior: calm ? "auto" : "smooth" });
  });
}
