/** The page: read what the gateway says about itself, then show GraphiQL with it. */
import { createRoot } from "react-dom/client";
import "graphiql/style.css";
import "./page.css";
import "./workers.js";
import { household } from "./documents.js";
import { Page } from "./page.jsx";

/**
 * @typedef {object} Config What `/graphiql/config.json` answers.
 * @property {string} endpoint Path of queries and mutations.
 * @property {string} subscriptionEndpoint Path of the WebSocket (graphql-transport-ws).
 * @property {string | null} developmentKey Null where every key has to be typed.
 * @property {string | null} demoCustomerId Global id of the customer that the ready queries are about.
 * @property {string | null} demoExternalId The same customer's external id.
 * @property {string} version The gateway's version.
 */

/** @returns {Promise<Config>} */
async function readConfig() {
  const response = await fetch("/graphiql/config.json");
  if (!response.ok) {
    throw new Error(`the answer was ${response.status}`);
  }
  return response.json();
}

const root = createRoot(document.getElementById("root"));
readConfig().then(
  async (config) => root.render(<Page config={config} customer={await household(config)} />),
  (error) =>
    root.render(<p className="message">The page could not read its settings from the gateway: {error.message}.</p>),
);
