// Takes a host token out of the address (#token=…), so that it stays in no history, and hands it over once. Where there is
// none, says that it has looked.
function taken() {
  const given = new URLSearchParams(window.location.hash.slice(1));
  const token = given.get("token") || "";
  if (token) {
    given.delete("token");
    const rest = given.toString();
    const { pathname, search } = window.location;
    window.history.replaceState(window.history.state, "", pathname + search + (rest ? `#${rest}` : ""));
  }
  return token;
}

export default function ({ data, setStateValue, setTriggerValue }) {
  const look = () => {
    const token = taken();
    if (token) setTriggerValue("token", token);
    return Boolean(token);
  };
  if (!look() && !data.looked) setStateValue("looked", true);
  window.addEventListener("hashchange", look);
  return () => window.removeEventListener("hashchange", look);
}
