// Draws a person's conversations from plain text, each with a menu. Texts reach the page as text nodes only.

const _JUST_NOW = 300;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(className, text) {
  const made = element("button", className, text);
  made.type = "button";
  return made;
}

function place(menu, opener) {
  const at = opener.getBoundingClientRect();
  const below = at.bottom + menu.offsetHeight + 8 <= window.innerHeight;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - menu.offsetHeight - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - menu.offsetWidth - 8))}px`;
}

function open(menu, opener, item, actions, act) {
  menu.replaceChildren();
  for (const [name, label] of actions) {
    const choice = button("choice", label);
    choice.setAttribute("role", "menuitem");
    choice.tabIndex = -1;
    choice.addEventListener("click", () => {
      menu.hidePopover();
      act(name, item.id);
    });
    menu.append(choice);
  }
  menu.setAttribute("aria-label", opener.getAttribute("aria-label"));
  menu.onbeforetoggle = (event) => {
    const shown = event.newState === "open";
    opener.setAttribute("aria-expanded", String(shown));
    if (shown) return;
    menu.closedAt = performance.now();
    if (menu.contains(menu.getRootNode().activeElement)) opener.focus();
  };
  menu.opener = opener;
  menu.showPopover();
  place(menu, opener);
  menu.firstChild.focus();
}

// The keys of a menu: up, down, first, last; Tab leaves it, Escape is the browser's.
function move(menu, event) {
  const choices = [...menu.children];
  const now = choices.indexOf(menu.getRootNode().activeElement);
  const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Tab") {
    menu.hidePopover();
  }
  if (to === undefined) return;
  event.preventDefault();
  choices[(to + choices.length) % choices.length].focus();
}

function row(item, data, menu, send) {
  const line = element("li", "row");
  const title = button("open", item.title);
  title.dataset.id = String(item.id);
  title.dir = "auto";
  title.title = item.title;
  if (item.current) title.setAttribute("aria-current", "true");
  title.addEventListener("click", () => send("open", item.id));
  line.append(title);
  if (!data.actions) return line;
  const more = button("more", "more_vert");
  more.dataset.menu = String(item.id);
  more.setAttribute("aria-label", item.menu);
  more.setAttribute("aria-haspopup", "menu");
  more.setAttribute("aria-expanded", "false");
  const actions = item.pinned ? data.actions.pinned : data.actions.loose;
  more.addEventListener("click", () => {
    // The press has closed this very menu already: then the click only ends that.
    if (menu.opener === more && performance.now() - menu.closedAt < _JUST_NOW) return;
    open(menu, more, item, actions, (name, id) => send("act", { name, id }));
  });
  line.append(more);
  return line;
}

function group(given, data, menu, send) {
  const part = element("section");
  const list = element("ul");
  list.setAttribute("aria-label", given.label);
  list.append(...given.items.map((item) => row(item, data, menu, send)));
  part.append(element("p", "label", given.label));
  if (given.items.length) part.append(list);
  return part;
}

function focusAgain(root, held) {
  if (!held) return;
  const [name, id] = held.id ? ["id", held.id] : ["menu", held.menu];
  if (id) root.querySelector(`[data-${name}="${CSS.escape(id)}"]`)?.focus();
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".rows");
  const content = JSON.stringify(data);
  if (root.dataset.content === content) return;
  root.dataset.content = content;
  const held = root.getRootNode().activeElement?.dataset;
  const menu = element("div", "menu");
  menu.popover = "auto";
  menu.setAttribute("role", "menu");
  menu.addEventListener("keydown", (event) => move(menu, event));
  root.replaceChildren(...data.groups.map((one) => group(one, data, menu, setTriggerValue)), menu);
  focusAgain(root, held);
}
