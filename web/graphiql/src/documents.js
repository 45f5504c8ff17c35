/** The ready queries: each a document and its variables from ../documents/, which the Python tests run too. */
const FILES = import.meta.glob("../documents/*", { query: "?raw", import: "default", eager: true });

const NAMES = {
  "profile-page": "Profile page",
  "customer-search": "Customer search",
  timeline: "Timeline",
  "live-subscription": "Live subscription",
  "add-note": "Add a note",
};

/**
 * The variables as text for the editor. A value that is `$demoCustomerId` or `$demoExternalId` stands for what the
 * gateway's settings say; without demo data a hint takes its place.
 */
function variables(template, config) {
  const known = {
    $demoCustomerId: config.demoCustomerId ?? "the global id of a customer",
    $demoExternalId: config.demoExternalId ?? "the external id of a customer",
  };
  return JSON.stringify(JSON.parse(template, (_key, value) => known[value] ?? value), null, 2);
}

/** What a document shows: its leading comment, as one line of text. */
function about(query) {
  const lines = query.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^#\s*/, ""))
    .join(" ");
}

/** @returns {{name: string, about: string, query: string, variables: string}[]} in the order of the tabs. */
export function readyQueries(config) {
  return Object.entries(NAMES).map(([file, name]) => {
    const query = FILES[`../documents/${file}.graphql`];
    return { name, about: about(query), query, variables: variables(FILES[`../documents/${file}.json`], config) };
  });
}
