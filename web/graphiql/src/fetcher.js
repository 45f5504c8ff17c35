/** How operations travel: HTTP for queries and mutations, graphql-transport-ws for subscriptions. */
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { Kind, parse } from "graphql";

/** GraphiQL's own key, written when its settings dialog is told to keep headers. */
const KEPT_HEADERS = "graphiql:headers";

/** The headers editor's first text: the development key, where the gateway has one. */
export function firstHeaders(config) {
  return config.developmentKey ? JSON.stringify({ Authorization: `Bearer ${config.developmentKey}` }, null, 2) : "";
}

function headersBeforeTheEditor(config) {
  try {
    return JSON.parse(localStorage.getItem(KEPT_HEADERS) || firstHeaders(config) || "{}");
  } catch {
    return {};
  }
}

/**
 * GraphiQL looks at a changed text only when typing has paused, so just after a change of tabs it still names the last
 * tab's operation and would send a subscription as a query. What is sent is read from the text itself.
 */
function asWritten(operation) {
  let documentAST;
  try {
    documentAST = parse(operation.query);
  } catch {
    // The gateway says what is wrong with it.
    return { operation, documentAST };
  }
  const names = documentAST.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((definition) => definition.name?.value);
  const operationName = names.includes(operation.operationName) ? operation.operationName : names[0];
  return { operation: { ...operation, operationName }, documentAST };
}

/**
 * GraphiQL hands over what the headers editor holds; for a subscription the toolkit opens a connection of its own and
 * sends the same pairs as the connection_init payload, so that both carry one key and an edited header counts in both.
 * Only GraphiQL's first introspection comes before that editor exists; it takes the headers that the editor will show.
 */
export function createFetcher(config) {
  const socket = new URL(config.subscriptionEndpoint, window.location.href);
  socket.protocol = socket.protocol.replace("http", "ws");
  const send = createGraphiQLFetcher({ url: config.endpoint, subscriptionUrl: socket.href });
  return (given, options) => {
    const { operation, documentAST } = asWritten(given);
    const isIntrospection = operation.operationName === "IntrospectionQuery";
    const headers = options?.headers ?? (isIntrospection ? headersBeforeTheEditor(config) : {});
    return send(operation, { headers, documentAST });
  };
}
