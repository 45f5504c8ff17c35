/** A panel of GraphiQL that lists the ready queries by screen and opens a fresh tab of the one chosen. */
import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { household, variables } from "./documents.js";

const TITLE = "Ready queries";

/** What the list says of operations that do more than read once. */
const KINDS = { mutation: "writes", subscription: "live" };

function ReadyQueries({ config, screens }) {
  const { addTab, stop } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));
  async function open({ query, template }) {
    const filled = variables(template, await household(config));
    // A running subscription would go on writing its answers into the new tab.
    stop();
    addTab();
    queryEditor.setValue(query);
    variableEditor.setValue(filled);
    requestAnimationFrame(() => document.querySelector(".graphiql-tab-active")?.scrollIntoView({ block: "nearest" }));
  }
  return (
    <section aria-label={TITLE} className="ready-queries">
      <h2>{TITLE}</h2>
      <p>What the screens of a back office ask. Each opens in a tab of its own; what you have edited stays.</p>
      {screens.map(({ title, queries }) => (
        <section key={title} aria-label={title}>
          <h3>{title}</h3>
          {queries.map((entry) => (
            <button key={entry.name} type="button" onClick={() => open(entry)}>
              <span className="name">
                <strong>{entry.name}</strong> {KINDS[entry.kind] && <em>{KINDS[entry.kind]}</em>}
              </span>
              <span className="about">{entry.about}</span>
            </button>
          ))}
        </section>
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

export function readyQueriesPlugin(config, screens) {
  return { title: TITLE, icon: Icon, content: () => <ReadyQueries config={config} screens={screens} /> };
}
