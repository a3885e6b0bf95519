/** One's own account. */

import { Page } from "@/parts/Page";
import { useMe } from "@/shell/session";
import { usePick, useWords } from "@/words/words";
import { Devices } from "./Devices";
import { Password } from "./Password";
import { SecondFactor } from "./SecondFactor";
import { words } from "./words";
import { You } from "./You";

export default function Account() {
  const say = useWords(words);
  const me = useMe();
  const pick = usePick();
  return (
    <Page title={say.title} lead={me.mail} crumbs={me.projects.map((one) => ({ label: pick(one.name), to: `/p/${one.id}` }))}>
      <You me={me} />
      <Password me={me} />
      <SecondFactor me={me} />
      <Devices />
    </Page>
  );
}
