/**
 * The ready queries. Each document of ../documents/ has a .json beside it, which names the screen, and for each operation
 * that is offered says what it shows, how to go on from there, and its variables; the Python tests read the same files.
 */
import { parse, print, separateOperations } from "graphql";
import idsQuery from "../household/ids.graphql?raw";
import PLACEHOLDERS from "../household/placeholders.json";

const QUERIES = import.meta.glob("../documents/**/*.graphql", { query: "?raw", import: "default", eager: true });
const OFFERS = import.meta.glob("../documents/**/*.json", { import: "default", eager: true });

/** What fits beside the open list in a window of 1280 pixels. */
const COMMENT_LINE = 31;
const LINE = 60;

/** The operations that a first visit finds open, by name; all others open from the list. */
const FIRST_TABS = ["ProfilePage", "CustomerGrid", "ActivityTab", "ActivityLive", "AddNote"];

/** A document as a person would write it: what fits on a line stands on it. */
function written(document) {
  return print(document).replace(/^( *)(\S.*) \{\n((?: +[^\s{}][^{}\n]*\n)+) *\}$/gm, (whole, indent, field, inside) => {
    const line = `${indent}${field} { ${inside.trim().split(/\s*\n\s*/).join(" ")} }`;
    return indent && line.length <= LINE ? line : whole;
  });
}

/** A text as comments of GraphQL, short enough for a narrow editor. */
function comment(text = "") {
  const lines = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > COMMENT_LINE) {
      lines.push(`# ${word}`);
    } else {
      lines[lines.length - 1] = `${last} ${word}`;
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** @returns {{title: string, queries: {name, kind, about, query, template}[]}[]} the screens in the order of their files. */
export function readyQueries() {
  return Object.keys(OFFERS)
    .sort()
    .map((file) => {
      const { title, operations } = OFFERS[file];
      const documents = separateOperations(parse(QUERIES[file.replace(/json$/, "graphql")]));
      const queries = Object.entries(operations).map(([name, { about, hint, variables }]) => ({
        name,
        kind: documents[name].definitions.find((definition) => definition.name.value === name).operation,
        about,
        query: `${comment(about)}${comment(hint)}${written(documents[name])}\n`,
        template: variables,
      }));
      return { title, queries };
    });
}

export function firstTabs(screens) {
  const queries = screens.flatMap((screen) => screen.queries);
  return FIRST_TABS.map((name) => queries.find((query) => query.name === name));
}

/**
 * The customer whom the gateway's settings name, with ids of what it has now; null without demo data or a key to ask with.
 * Asked whenever a query is opened: what was there before may have been deleted since.
 */
export async function household(config) {
  if (!config.developmentKey || !config.demoExternalId) {
    return null;
  }
  try {
    const response = await fetch(config.endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${config.developmentKey}` },
      body: JSON.stringify({ query: idsQuery, variables: { key: { externalId: config.demoExternalId } } }),
    });
    return (await response.json()).data?.customer ?? null;
  } catch {
    // The hints will do.
    return null;
  }
}

/** The variables as text for the editor; for what the customer does not have a hint takes its place. */
export function variables(template, customer) {
  const fill = (_key, value) => {
    const placeholder = PLACEHOLDERS[value];
    return placeholder === undefined
      ? value
      : (placeholder.path.split(".").reduce((found, step) => found?.[step], customer) ?? placeholder.hint);
  };
  return JSON.stringify(template, fill, 2);
}
