// Draws an answer from blocks of plain text. Texts reach the page as text nodes only: nothing in them is markup.

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function citation(run, data, choose) {
  const button = element("button", "cite", String(run.cite));
  const label = data.labels[String(run.cite)] || String(run.cite);
  button.type = "button";
  button.dataset.number = String(run.cite);
  button.setAttribute("aria-label", label);
  button.title = label;
  button.addEventListener("click", () => choose(run.cite));
  return button;
}

function drawn(run, data, choose) {
  if (run.cite) return citation(run, data, choose);
  const name = run.flag ? "mark" : run.bold ? "strong" : "span";
  const made = element(name, run.flag ? (run.text === run.flag ? "reason" : "doubtful") : "", run.text);
  if (run.flag) made.title = run.flag;
  if (run.flag && run.bold) made.classList.add("bold");
  return made;
}

function fill(parent, runs, data, choose) {
  for (const run of runs) parent.append(drawn(run, data, choose));
  return parent;
}

function table(block, data, choose) {
  const frame = element("div", "frame");
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", data.table_label);
  const made = element("table");
  const rows = block.rows.map((row, number) => {
    const line = element("tr");
    for (const cell of row) {
      const head = block.head && number === 0;
      const box = fill(element(head ? "th" : "td"), cell, data, choose);
      if (head) box.scope = "col";
      box.dir = "auto";
      line.append(box);
    }
    return line;
  });
  if (block.head) {
    const top = element("thead");
    top.append(rows.shift());
    made.append(top);
  }
  const body = element("tbody");
  body.append(...rows);
  made.append(body);
  frame.append(made);
  return frame;
}

function blocks(data, choose) {
  const made = [];
  let list = null;
  for (const block of data.blocks) {
    if (block.kind !== "item") list = null;
    if (block.kind === "table") {
      made.push(table(block, data, choose));
    } else if (block.kind === "item") {
      if (list === null) {
        list = element("ul");
        made.push(list);
      }
      const item = fill(element("li"), block.runs, data, choose);
      item.dir = "auto";
      list.append(item);
    } else {
      const box = fill(element(block.kind === "heading" ? "h3" : "p"), block.runs, data, choose);
      box.dir = "auto";
      made.push(box);
    }
  }
  return made;
}

// Scrolls to the question above this answer, once for every new token.
function intoView(token, host) {
  if (!token || globalThis.kbchatInView === token) return;
  globalThis.kbchatInView = token;
  const above = [...document.querySelectorAll(".kb-question")].filter(
    (one) => host.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING,
  );
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  requestAnimationFrame(() =>
    (above.pop() || host).scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" }),
  );
}

function text(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".answer");
  text(parentElement.querySelector(".name"), data.heading);
  text(parentElement.querySelector(".footer"), data.footer);
  const content = JSON.stringify([data.blocks, data.labels, data.language]);
  if (root.dataset.content !== content) {
    root.dataset.content = content;
    root.lang = data.language === "zh" ? "zh-CN" : "en";
    root.replaceChildren(...blocks(data, (number) => setTriggerValue("cite", number)));
  }
  drawTools(parentElement.querySelector(".tools"), data.tools, (name) => setTriggerValue("act", name));
  for (const button of root.querySelectorAll("button.cite")) {
    const open = Number(button.dataset.number) === data.open;
    button.setAttribute("aria-expanded", String(open));
    button.classList.toggle("open", open);
  }
  if (data.focus && root.dataset.focused !== data.focus) {
    root.dataset.focused = data.focus;
    const number = data.focus.split(":")[0];
    const button = root.querySelector(`button.cite[data-number="${Number(number)}"]`);
    if (button) button.focus();
  }
  intoView(data.newest, root.getRootNode().host || root);
}
