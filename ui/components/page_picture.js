// A page in a frame that scrolls. It opens as wide as its marked lines allow, and turned to the first of them.
const STEP = 1.25;
const LARGEST = 4;
const MARGIN = 0.03;

function fitting(boxes) {
  if (boxes.length === 0) return { zoom: 1, left: 0, top: 0 };
  const left = Math.max(0, Math.min(...boxes.map((box) => box[0])) - MARGIN);
  const right = Math.min(1, Math.max(...boxes.map((box) => box[2])) + MARGIN);
  const top = Math.min(...boxes.map((box) => box[1]));
  return { zoom: Math.min(2, Math.max(1, 1 / (right - left))), left, top };
}

export default function ({ data, parentElement }) {
  const page = parentElement.querySelector(".page");
  const frame = parentElement.querySelector(".frame");
  const picture = parentElement.querySelector(".picture");
  const size = parentElement.querySelector(".size");
  const larger = parentElement.querySelector(".larger");
  const smaller = parentElement.querySelector(".smaller");
  frame.setAttribute("aria-label", data.frame);
  larger.setAttribute("aria-label", data.larger);
  smaller.setAttribute("aria-label", data.smaller);
  larger.title = data.larger;
  smaller.title = data.smaller;

  const apply = (zoom) => {
    page.dataset.zoom = String(zoom);
    picture.style.width = `${zoom * 100}%`;
    size.textContent = `${Math.round(zoom * 100)}%`;
    smaller.disabled = zoom <= 1;
    larger.disabled = zoom >= LARGEST;
  };
  const around = (factor) => {
    const old = Number(page.dataset.zoom);
    const zoom = Math.min(LARGEST, Math.max(1, old * factor));
    const x = (frame.scrollLeft + frame.clientWidth / 2) / old;
    const y = (frame.scrollTop + frame.clientHeight / 2) / old;
    apply(zoom);
    frame.scrollLeft = x * zoom - frame.clientWidth / 2;
    frame.scrollTop = y * zoom - frame.clientHeight / 2;
  };
  larger.onclick = () => around(STEP);
  smaller.onclick = () => around(1 / STEP);

  if (page.dataset.token === data.token) return;
  page.dataset.token = data.token;
  page.dataset.boxes = String(data.boxes.length);
  picture.alt = data.alt;
  picture.width = data.width;
  picture.height = data.height;
  const { zoom, left, top } = fitting(data.boxes);
  apply(zoom);
  picture.onload = () => {
    frame.scrollLeft = left * picture.clientWidth;
    frame.scrollTop = data.boxes.length ? top * picture.clientHeight - frame.clientHeight / 4 : 0;
    page.dataset.shown = data.token;
  };
  picture.src = data.src;
}
