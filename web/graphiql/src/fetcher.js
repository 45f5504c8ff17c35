/** How operations travel: HTTP for queries and mutations, graphql-transport-ws for subscriptions. */
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { Kind, parse } from "graphql";
import { createClient } from "graphql-ws";

/** The headers editor's first text: the development key, where the gateway has one. */
export function firstHeaders(config) {
  return config.developmentKey ? JSON.stringify({ Authorization: `Bearer ${config.developmentKey}` }, null, 2) : "";
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
 * GraphiQL hands over what the headers editor holds. A subscription opens a connection of its own and sends the same
 * pairs as the connection_init payload, so that both carry one key and an edited header counts in both. A connection that
 * ends is said to have ended: trying again would hide a refused key, and start over from the first cursor.
 * Only GraphiQL's first introspection comes before that editor exists; it takes the headers that the editor will show.
 */
export function createFetcher(config) {
  const beforeTheEditor = JSON.parse(firstHeaders(config) || "{}");
  const socket = new URL(config.subscriptionEndpoint, window.location.href);
  socket.protocol = socket.protocol.replace("http", "ws");
  return (given, options) => {
    const { operation, documentAST } = asWritten(given);
    const isIntrospection = operation.operationName === "IntrospectionQuery";
    const headers = options?.headers ?? (isIntrospection ? beforeTheEditor : {});
    const wsClient = createClient({ url: socket.href, connectionParams: headers, retryAttempts: 0 });
    const send = createGraphiQLFetcher({ url: config.endpoint, wsClient });
    return send(operation, { headers, documentAST });
  };
}
