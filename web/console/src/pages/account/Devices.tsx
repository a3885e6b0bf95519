/** Where one is signed in; each can be ended from here. */

import { Button } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { Section } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { showDone, showFailure } from "@/parts/toast";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./account.module.css";
import { readDevice } from "./device";
import { words } from "./words";

export function Devices() {
  const say = useWords(words).devices;
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["devices"], queryFn: ({ signal }) => ask(api.GET("/api/me/sessions", { signal })) });
  const end = useMutation({
    mutationFn: (session: string | null) =>
      session === null
        ? ask(api.DELETE("/api/me/sessions"))
        : ask(api.DELETE("/api/me/sessions/{session}", { params: { path: { session } } })),
    onSuccess: async ({ sessions }) => {
      showDone(say.ended(sessions));
      await client.invalidateQueries({ queryKey: ["devices"] });
    },
    onError: showFailure,
  });
  const others = (query.data ?? []).filter((one) => !one.current).length;
  return (
    <Section
      title={say.title}
      aside={
        others > 1 && (
          <Button variant="subtle" size="compact-sm" onClick={() => end.mutate(null)}>
            {say.endAll}
          </Button>
        )
      }
    >
      <Loaded query={query}>
        {(devices) => (
          <ul className={styles.devices}>
            {devices.map((device) => (
              <One key={device.id} device={device} end={() => end.mutate(device.id)} />
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

function One({ device, end }: { device: Schemas["Device"]; end: () => void }) {
  const say = useWords(words).devices;
  const formats = useFormats();
  const [browser, system] = readDevice(device.device);
  const Icon = /Android|iPhone|iPad/.test(system) ? IconDeviceMobile : IconDeviceDesktop;
  const name = browser && system ? say.on(browser, system) : browser || system || device.device || say.unknown;
  return (
    <li className={styles.device}>
      <Icon size={20} stroke={1.5} aria-hidden />
      <div className={styles.deviceName}>
        <span title={device.device}>{name}</span>
        {device.current && <span className={styles.mark}>{say.here}</span>}
        <p>
          {device.address} · {say.how[device.how]} · {say.began(formats.dateTime(device.made_at))} ·{" "}
          {say.seen(formats.ago(device.seen_at))}
        </p>
      </div>
      {!device.current && (
        <Button variant="default" size="xs" onClick={end}>
          {say.end}
        </Button>
      )}
    </li>
  );
}
