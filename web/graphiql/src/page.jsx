/** GraphiQL under one bar that says where one is and with which key. */
import { useState } from "react";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import icon from "../icon.svg";
import { createFetcher, firstHeaders } from "./fetcher.js";
import { readyQueries } from "./documents.js";
import { readyQueriesPlugin } from "./ready-queries.jsx";

/** GraphiQL's own key; it is absent until a first visit has shown the tabs. */
const KEPT_TABS = "graphiql:tabState";

export function Page({ config }) {
  // Made once: GraphiQL reads the schema again whenever its fetcher is another one.
  const [fetcher] = useState(() => createFetcher(config));
  const [queries] = useState(() => readyQueries(config));
  const [plugins] = useState(() => [readyQueriesPlugin(queries), HISTORY_PLUGIN]);
  const [isFirstVisit] = useState(() => localStorage.getItem(KEPT_TABS) === null);
  return (
    <>
      <header className="bar">
        <img src={icon} alt="" />
        <strong>Profile Gateway</strong>
        <span className="version">{config.version}</span>
        <KeyNotice developmentKey={config.developmentKey} />
      </header>
      <main>
        <GraphiQL
          fetcher={fetcher}
          plugins={plugins}
          defaultTabs={queries.map(({ query, variables }) => ({ query, variables }))}
          // GraphiQL fills the first tab's query by itself, but not its variables. On later visits it restores both.
          initialVariables={isFirstVisit ? queries[0].variables : undefined}
          defaultHeaders={firstHeaders(config)}
          defaultQuery=""
          defaultEditorToolsVisibility
        >
          <GraphiQL.Logo>
            <span />
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

function KeyNotice({ developmentKey }) {
  if (developmentKey) {
    return (
      <span className="notice">
        Requests carry the development key <code>{developmentKey}</code>, see Headers below the query.
      </span>
    );
  }
  return (
    <span className="notice attention">
      No key yet: put <code>{'{"Authorization": "Bearer YOUR-KEY"}'}</code> into Headers below the query, then re-fetch
      the schema (Shift-Ctrl-R).
    </span>
  );
}
