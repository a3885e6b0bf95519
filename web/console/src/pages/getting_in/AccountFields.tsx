/** What somebody new says of themselves. */

import { PasswordInput, TextInput } from "@mantine/core";
import { useWords } from "@/words/words";
import { words } from "./words";

export interface Newcomer {
  mail: string;
  name: string;
  password: string;
}

interface Props {
  value: Newcomer;
  onChange: (to: Newcomer) => void;
  wrong: Readonly<Record<string, string>>;
  /** The mail address is given. */
  fixed?: boolean;
  /** Somebody with an account says only their password. */
  known?: boolean;
}

export function AccountFields({ value, onChange, wrong, fixed, known }: Props) {
  const say = useWords(words);
  return (
    <>
      <TextInput
        label={say.mail}
        type="email"
        autoComplete="username"
        required
        readOnly={fixed}
        value={value.mail}
        error={wrong.mail}
        onChange={(event) => onChange({ ...value, mail: event.currentTarget.value })}
      />
      {!known && (
        <TextInput
          label={say.name}
          description={say.nameHint}
          autoComplete="name"
          required
          maxLength={80}
          value={value.name}
          error={wrong.name}
          onChange={(event) => onChange({ ...value, name: event.currentTarget.value })}
        />
      )}
      <PasswordInput
        label={say.password}
        description={known ? undefined : say.passwordHint}
        autoComplete={known ? "current-password" : "new-password"}
        required
        value={value.password}
        error={wrong.password}
        onChange={(event) => onChange({ ...value, password: event.currentTarget.value })}
      />
    </>
  );
}
