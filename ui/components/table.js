// Draws a table from plain text. Texts reach the page as text nodes only: nothing in them is markup.

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) {
    made.textContent = text;
    made.dir = "auto";
  }
  return made;
}

function opener(cell, row, data, send) {
  const link = element("a", "open", cell.text);
  link.href = row.href || "#";
  link.addEventListener("click", (event) => {
    if (data.follows || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    send("open", row.id);
  });
  return link;
}

function share(cell) {
  const frame = element("span", "share");
  const bar = element("span", "bar");
  const filled = element("span", "filled");
  filled.style.inlineSize = `${Math.round(cell.share * 100)}%`;
  bar.append(filled);
  bar.setAttribute("aria-hidden", "true");
  frame.append(bar, element("span", "", cell.text));
  return frame;
}

function filled(box, cell, row, data, send) {
  const tone = cell.tone ? ` ${cell.tone}` : "";
  if (cell.opens) box.append(opener(cell, row, data, send));
  else if (cell.badge) box.append(element("span", `badge${tone}`, cell.text));
  else if (cell.share !== null) box.append(share(cell));
  else box.append(element("span", `value${tone}`, cell.text));
  if (cell.note) box.append(element("span", "note", cell.note));
}

function heading(column, data, send) {
  const box = element("th", `${column.align}${column.main ? " main" : ""}`);
  box.scope = "col";
  if (!column.sort) {
    box.append(element("span", "", column.label));
    return box;
  }
  const now = data.sort === column.sort ? "ascending" : data.sort === `-${column.sort}` ? "descending" : "none";
  const button = element("button", "sort", column.label);
  button.type = "button";
  button.dataset.sort = column.sort;
  button.append(element("span", "arrow", now === "ascending" ? " ↑" : now === "descending" ? " ↓" : ""));
  button.addEventListener("click", () => send("sort", now === "ascending" ? `-${column.sort}` : column.sort));
  box.setAttribute("aria-sort", now);
  box.append(button);
  return box;
}

function head(data, send) {
  const line = element("tr");
  if (data.selectable) line.append(element("td", "pick"));
  for (const column of data.columns) line.append(heading(column, data, send));
  const top = element("thead");
  top.append(line);
  return top;
}

function picker(row, data, send) {
  const box = element("td", "pick");
  const tick = element("input");
  tick.type = "checkbox";
  tick.checked = data.selected.includes(row.id);
  tick.setAttribute("aria-label", `${data.select_label} ${row.cells[0].text}`);
  tick.addEventListener("change", () => send("pick", { id: row.id, on: tick.checked }));
  box.append(tick);
  return box;
}

function body(data, send) {
  const made = element("tbody");
  for (const row of data.rows) {
    const line = element("tr");
    line.dataset.row = row.id;
    if (data.selectable) line.append(picker(row, data, send));
    row.cells.forEach((cell, number) => {
      const column = data.columns[number];
      const box = element("td", `${column.align}${column.main ? " main" : ""}${cell.text ? "" : " empty"}`);
      box.dataset.label = column.label;
      filled(box, cell, row, data, send);
      line.append(box);
    });
    made.append(line);
  }
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".frame");
  const focused = parentElement.activeElement?.dataset?.sort;
  const table = element("table", data.flat ? "flat" : "");
  const caption = element("caption", "", data.caption);
  const send = (name, value) => setTriggerValue(name, value);
  table.append(caption);
  if (!data.headless) table.append(head(data, send));
  table.append(body(data, send));
  frame.replaceChildren(table);
  if (focused) frame.querySelector(`[data-sort="${CSS.escape(focused)}"]`)?.focus();
}
