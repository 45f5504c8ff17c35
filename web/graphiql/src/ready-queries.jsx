/** A panel of GraphiQL that lists the ready queries and opens a fresh tab of the one chosen. */
import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";

function ReadyQueries({ queries }) {
  const { addTab, stop } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));
  function open({ query, variables }) {
    // A running subscription would go on writing its answers into the new tab.
    stop();
    addTab();
    queryEditor.setValue(query);
    variableEditor.setValue(variables);
  }
  return (
    <section aria-label="Ready queries" className="ready-queries">
      <h2>Ready queries</h2>
      <p>Each opens in a tab of its own; what you have edited stays.</p>
      {queries.map((entry) => (
        <button key={entry.name} type="button" onClick={() => open(entry)}>
          <strong>{entry.name}</strong>
          <span>{entry.about}</span>
        </button>
      ))}
    </section>
  );
}

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
      <path d="M4 6h11M4 12h16M4 18h8" />
      <circle cx="19" cy="6" r="1.5" />
      <circle cx="16" cy="18" r="1.5" />
    </svg>
  );
}

export function readyQueriesPlugin(queries) {
  return { title: "Ready queries", icon: Icon, content: () => <ReadyQueries queries={queries} /> };
}
