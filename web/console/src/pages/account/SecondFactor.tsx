/** The second factor: set up, confirmed by a code, recovery codes shown once. */

import { Button, CopyButton, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api, ask, type Schemas } from "@/api/client";
import { Section } from "@/parts/Page";
import { showDone, showFailure } from "@/parts/toast";
import { type Me, useRefreshMe } from "@/shell/session";
import { words as shared } from "@/words/shared";
import { useWords } from "@/words/words";
import styles from "./account.module.css";
import { words } from "./words";

type Step =
  | { at: "rest" }
  | { at: "proof"; then: "begin" | "renew" | "drop" }
  | { at: "scan"; begun: Schemas["SecondFactorBegun"] }
  | { at: "codes"; codes: string[] };

export function SecondFactor({ me }: { me: Me }) {
  const say = useWords(words).factor;
  const [step, setStep] = useState<Step>({ at: "rest" });
  const rest = () => setStep({ at: "rest" });
  return (
    <Section title={say.title} aside={me.two_factor && <span className={styles.mark}>{say.mark}</span>}>
      {step.at === "rest" && <Resting me={me} go={(then) => setStep({ at: "proof", then })} />}
      {step.at === "proof" && <Proof me={me} then={step.then} onStep={setStep} onCancel={rest} />}
      {step.at === "scan" && <Scan begun={step.begun} onCodes={(codes) => setStep({ at: "codes", codes })} onCancel={rest} />}
      {step.at === "codes" && <Codes codes={step.codes} onDone={rest} />}
    </Section>
  );
}

function Resting({ me, go }: { me: Me; go: (then: "begin" | "renew" | "drop") => void }) {
  const say = useWords(words).factor;
  if (!me.two_factor) {
    return (
      <>
        <p className={styles.text}>{say.off}</p>
        <Button variant="default" onClick={() => go("begin")}>
          {say.begin}
        </Button>
      </>
    );
  }
  return (
    <>
      <p className={styles.text}>
        {say.on(me.recovery_codes)} {me.recovery_codes < 3 && say.few}
      </p>
      <div className={styles.buttons}>
        <Button variant="default" onClick={() => go("renew")}>
          {say.renew}
        </Button>
        <Button variant="subtle" color="vermilion" onClick={() => go("drop")}>
          {say.drop}
        </Button>
      </div>
    </>
  );
}

function Proof({
  me,
  then,
  onStep,
  onCancel,
}: {
  me: Me;
  then: "begin" | "renew" | "drop";
  onStep: (step: Step) => void;
  onCancel: () => void;
}) {
  const say = useWords(words).factor;
  const { cancel } = useWords(shared);
  const refresh = useRefreshMe();
  const [password, setPassword] = useState("");
  const go = useMutation({
    mutationFn: async (): Promise<Step> => {
      const body = { password };
      if (then === "begin") return { at: "scan", begun: await ask(api.POST("/api/me/second-factor", { body })) };
      if (then === "renew") return { at: "codes", codes: (await ask(api.POST("/api/me/recovery-codes", { body }))).codes };
      await ask(api.POST("/api/me/second-factor/off", { body }));
      showDone(say.dropDone);
      return { at: "rest" };
    },
    onSuccess: async (step) => {
      onStep(step);
      await refresh();
    },
    onError: (error) => isRefused(error) || showFailure(error),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go.mutate();
  };
  return (
    <form className={styles.narrow} onSubmit={submit}>
      <input type="text" autoComplete="username" value={me.mail} readOnly hidden />
      {me.has_password && (
        <PasswordInput
          label={say.password}
          description={say.proof}
          autoComplete="current-password"
          required
          autoFocus
          value={password}
          error={isRefused(go.error) && say.wrongPassword}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      )}
      <div className={styles.buttons}>
        <Button type="submit" loading={go.isPending} color={then === "drop" ? "vermilion" : undefined}>
          {then === "drop" ? say.drop : say.next}
        </Button>
        <Button variant="subtle" onClick={onCancel}>
          {cancel}
        </Button>
      </div>
    </form>
  );
}

function Scan({
  begun,
  onCodes,
  onCancel,
}: {
  begun: Schemas["SecondFactorBegun"];
  onCodes: (codes: string[]) => void;
  onCancel: () => void;
}) {
  const say = useWords(words).factor;
  const { cancel } = useWords(shared);
  const refresh = useRefreshMe();
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => ask(api.PUT("/api/me/second-factor", { body: { code } })),
    onSuccess: async ({ codes }) => {
      onCodes(codes);
      await refresh();
    },
    onError: (error) => isRefused(error) || showFailure(error),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <div className={styles.scan}>
      <img className={styles.picture} src={`data:image/svg+xml;utf8,${encodeURIComponent(begun.picture)}`} alt={say.picture} />
      <form onSubmit={submit}>
        <p className={styles.text}>{say.scan}</p>
        <TextInput
          label={say.code}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          autoFocus
          value={code}
          error={isRefused(confirm.error) && say.wrongCode}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <div className={styles.buttons}>
          <Button type="submit" loading={confirm.isPending}>
            {say.confirm}
          </Button>
          <Button variant="subtle" onClick={onCancel}>
            {cancel}
          </Button>
        </div>
        <div className="muted">
          {say.byHand}
          <code className={styles.secret}>{begun.secret}</code>
        </div>
      </form>
    </div>
  );
}

function Codes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const say = useWords(words).factor;
  return (
    <>
      <p className={styles.text}>{say.codesLead}</p>
      <ul className={styles.codes} aria-label={say.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={styles.buttons}>
        <CopyButton value={codes.join("\n")}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? say.copied : say.copy}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{say.done}</Button>
      </div>
    </>
  );
}

function isRefused(error: unknown): boolean {
  return error instanceof ApiError && error.status === 400;
}
