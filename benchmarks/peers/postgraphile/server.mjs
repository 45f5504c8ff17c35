// PostGraphile as its manual sets it up for production: one process, the Amber preset, no explain, no GraphiQL, no watching.
// Arguments: the connection string, the port, the number of connections.
import { createServer } from "node:http";

import { grafserv } from "postgraphile/grafserv/node";
import { makePgService } from "postgraphile/adaptors/pg";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";
import { readFileSync } from "node:fs";

const [connectionString, port, connections] = process.argv.slice(2);
const tags = JSON.parse(readFileSync(new URL("tags.json", import.meta.url), "utf8"));

const server = createServer();
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [jsonPgSmartTags(tags)],
  pgServices: [makePgService({ connectionString, schemas: ["public"], poolConfig: { max: Number(connections) } })],
  grafast: { explain: false },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, websockets: false },
});
const served = instance.createServ(grafserv);
await served.addTo(server);
await served.ready();
server.listen(Number(port), "127.0.0.1", () => console.log("ready"));
