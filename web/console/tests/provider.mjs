/**
 * A real OpenID Connect provider on loopback, for the console's tests: whoever types a name into its page is that person.
 *
 * `node provider.mjs PORT REDIRECT_URI` prints a line when it listens. Names that begin with "unverified" have a mail address
 * that nobody checked.
 */

import { Provider } from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "omotenashi", client_secret: "a secret between the two", redirect_uris: [redirectUri] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["a key of the tests"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: !id.startsWith("unverified") }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
