/** GraphiQL under one bar that says where one is and with which key. */
import { useState } from "react";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import icon from "../icon.svg";
import { createFetcher, firstHeaders } from "./fetcher.js";
import { firstTabs, readyQueries, variables } from "./documents.js";
import { readyQueriesPlugin } from "./ready-queries.jsx";

/**
 * The tab that this person left open last, or null on a first visit. GraphiQL keeps its tabs under this name, but looks
 * up the open one by texts that it keeps elsewhere and only after an edit; not told, it opens a second, half empty one.
 */
function tabLeftOpen() {
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("graphiql:tabState"));
    const { query, variables } = tabs[activeTabIndex];
    return { query: query ?? "", variables: variables ?? "" };
  } catch {
    return null;
  }
}

function isFirstVisit() {
  try {
    return localStorage.getItem("graphiql:tabState") === null;
  } catch {
    return false;
  }
}

/** On a first visit a window that is wide enough shows what there is to open; later GraphiQL remembers. */
const WIDE = 1200;

/** `customer` is what the ready queries are about, null where nobody is known. */
export function Page({ config, customer }) {
  // Made once: GraphiQL reads the schema again whenever its fetcher is another one.
  const [fetcher] = useState(() => createFetcher(config));
  const [screens] = useState(readyQueries);
  const [tabs] = useState(() =>
    firstTabs(screens).map(({ query, template }) => ({ query, variables: variables(template, customer) })),
  );
  const [plugins] = useState(() => [readyQueriesPlugin(config, screens), HISTORY_PLUGIN]);
  const [start] = useState(() => tabLeftOpen() ?? tabs[0]);
  const [shown] = useState(() => (isFirstVisit() && window.innerWidth >= WIDE ? plugins[0] : undefined));
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
          defaultTabs={tabs}
          visiblePlugin={shown}
          initialQuery={start.query}
          initialVariables={start.variables}
          defaultHeaders={firstHeaders(config)}
          // A key that someone types is not left behind in the browser.
          shouldPersistHeaders={false}
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
